package io.tandem.cache;

import java.io.IOException;

/** Says that a file does not hold the state that its name promises, whole. */
final class DamagedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Says what is wrong. */
    DamagedFileException(String reason) {
        super(reason);
    }
}
