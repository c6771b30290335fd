package io.tandem.gateway.extraction;

import java.io.IOException;
import java.io.Writer;

/** Collects a document's text up to a bound. Used by one thread. */
final class TextCollector extends Writer {

    private final StringBuilder text = new StringBuilder();
    private final int maxCharacters;

    TextCollector(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    /** Says that there is more than may be, through libraries that pass on nothing else. */
    static final class FullException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public void write(char[] characters, int offset, int length) throws FullException {
        if (length > maxCharacters - text.length()) {
            throw new FullException();
        }
        text.append(characters, offset, length);
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    /** What came, without what no reader sees. */
    String text() {
        return text.toString().strip();
    }
}
