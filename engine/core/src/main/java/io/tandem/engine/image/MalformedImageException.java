package io.tandem.engine.image;

import java.io.IOException;
import java.util.Locale;

/** An image file that breaks its format's rules; the decoder turns it into a refusal that names the request's field. */
final class MalformedImageException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Takes a format of {@link String#format} and what to fill in. */
    MalformedImageException(String format, Object... values) {
        super(String.format(Locale.ROOT, format, values));
    }
}
