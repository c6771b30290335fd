package io.tandem.cache;

/** Says that a state, or a chunk of it, is no longer in the store or is damaged: it has to be made again. */
public final class StateLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient ContentKey key;

    /** Names the state and what is wrong with it. */
    public StateLostException(ContentKey key, String reason) {
        super("state " + key + " is lost: " + reason);
        this.key = key;
    }

    /** The state to make again. */
    public ContentKey key() {
        return key;
    }
}
