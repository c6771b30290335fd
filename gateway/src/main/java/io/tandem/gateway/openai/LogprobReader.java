package io.tandem.gateway.openai;

import java.util.OptionalInt;

/** Reads which log probabilities come with the tokens; the two routes have a field of the same name for it, but not the same type. */
final class LogprobReader {

    private static final int MAX_OF_CHAT = 20;
    private static final int MAX_OF_COMPLETIONS = 5;

    private LogprobReader() {}

    /** Best tokens beside each token of a chat's answer; empty if no log probabilities are wanted. */
    static OptionalInt ofChat(Field body) {
        boolean wanted = body.get("logprobs").flag(false);
        Field top = body.get("top_logprobs");
        int best = top.isSet() ? (int) top.integer(0, MAX_OF_CHAT) : 0;
        if (best > 0 && !wanted) {
            throw top.invalid("goes with logprobs: true only");
        }
        return wanted ? OptionalInt.of(best) : OptionalInt.empty();
    }

    /** Best tokens beside each token of a completion; empty if no log probabilities are wanted. */
    static OptionalInt ofCompletion(Field body) {
        Field logprobs = body.get("logprobs");
        return logprobs.isSet() ? OptionalInt.of((int) logprobs.integer(0, MAX_OF_COMPLETIONS)) : OptionalInt.empty();
    }
}
