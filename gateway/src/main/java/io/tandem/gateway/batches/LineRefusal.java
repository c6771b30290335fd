package io.tandem.gateway.batches;

/** Says why a line is no request of a batch. */
public final class LineRefusal extends Exception {

    private final String code;
    private final String param;

    /**
     * @param code OpenAI's, where it has one
     * @param param field of the line; null when it is the line itself
     */
    public LineRefusal(String code, String param, String message) {
        super(message);
        this.code = code;
        this.param = param;
    }

    /** OpenAI's code, where it has one. */
    public String code() {
        return code;
    }

    /** The field at fault, or null. */
    public String param() {
        return param;
    }
}
