package io.tandem.gateway.extraction;

/** A file that no text can be taken out of; the message tells its owner why. */
public final class UnreadableException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param reason a sentence without its stop, after the file's name */
    public UnreadableException(String reason) {
        super(reason);
    }
}
