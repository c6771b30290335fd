package io.tandem.decoder.grpc;

import io.tandem.contract.decoder.v1.Delta;
import io.tandem.engine.sampling.TokenLogprobs;
import io.tandem.engine.text.IncrementalDetokenizer;
import io.tandem.engine.text.StopStrings;
import io.tandem.engine.text.Tokenizer;
import java.util.Optional;

/**
 * Turns an answer's tokens into deltas: whole characters, no stop string, nothing behind one.
 *
 * <p>Mutable; owned by one call and used by its thread.
 */
final class TextOutput {

    private final ParsedRequest request;
    private final IncrementalDetokenizer detokenizer;
    private final ScoredTokens scoredTokens;
    private final StopStrings stopStrings;

    private Delta.Builder pending = Delta.newBuilder();
    private final StringBuilder text = new StringBuilder();
    private int tokens;
    private boolean stopped;

    TextOutput(ParsedRequest request, Tokenizer tokenizer) {
        this.request = request;
        this.detokenizer = tokenizer.newDetokenizer(true);
        this.scoredTokens = new ScoredTokens(tokenizer);
        this.stopStrings = new StopStrings(request.stopStrings());
        // The prefix' text is not part of the answer but decides how that begins.
        for (int token : request.generation().prefix()) {
            detokenizer.append(token);
        }
    }

    /**
     * Takes the next token.
     *
     * @param logprobs its log probabilities, or null if the client wants none
     */
    void add(int token, TokenLogprobs logprobs) {
        tokens++;
        if (logprobs != null) {
            pending.addLogprobs(scoredTokens.next(token, logprobs));
        }
        if (request.returnTokenIds()) {
            pending.addTokenIds(token);
        }
        // A stop token ends the output without being part of its text.
        if (!request.generation().stopsAt(token)) {
            take(detokenizer.append(token));
        }
    }

    /** There are no more tokens: what was held back is decided now. */
    void end() {
        take(detokenizer.finish());
        text.append(stopStrings.flush());
    }

    /** Whether a stop string was found: later tokens are not to be added. */
    boolean stopped() {
        return stopped;
    }

    /** Tokens added. */
    int tokens() {
        return tokens;
    }

    /** What was not yet sent, if there is anything. */
    Optional<Delta> takeDelta() {
        if (text.isEmpty() && pending.getTokenIdsCount() == 0 && pending.getLogprobsCount() == 0) {
            return Optional.empty();
        }
        Delta delta =
                pending.setText(text.toString()).setCompletionTokens(tokens).build();
        pending = Delta.newBuilder();
        text.setLength(0);
        return Optional.of(delta);
    }

    private void take(String piece) {
        if (tokens <= request.generation().extras().minTokens()) {
            text.append(stopStrings.pass(piece));
            return;
        }
        StopStrings.Match match = stopStrings.append(piece);
        text.append(match.text());
        stopped |= match.found();
    }
}
