package io.tandem.gateway.pipeline;

/**
 * How an answer ended.
 *
 * @param finish why
 * @param tokens what it cost
 * @param timings all of them
 */
public record Outcome(Finish finish, TokenCounts tokens, Timings timings) {

    /** The same, when another answer to the same prompt accounts for its reading. */
    Outcome withoutPrompt() {
        return new Outcome(finish, tokens.withoutPrompt(), timings);
    }

    /** Why an answer ended. */
    public enum Finish {
        /** The model, or a stop string or stop token, ended it. */
        STOP,
        /** The limit of tokens did. */
        LENGTH
    }
}
