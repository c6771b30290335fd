package io.tandem.decoder.grpc;

import com.google.protobuf.ByteString;
import io.tandem.contract.decoder.v1.ScoredToken;
import io.tandem.contract.decoder.v1.TokenLogprob;
import io.tandem.engine.sampling.TokenLogprobs;
import io.tandem.engine.text.Tokenizer;

/**
 * Puts log probabilities into words: each token with its bytes, and where it begins in the answer.
 *
 * <p>Mutable: it counts the answer's characters; owned by one call and used by its thread.
 */
final class ScoredTokens {

    /** JSON has no infinity; vLLM says this instead. */
    private static final float LOWEST = -9999;

    private static final int CONTINUATION_MASK = 0b1100_0000;
    private static final int CONTINUATION = 0b1000_0000;

    private final Tokenizer tokenizer;
    private int characters;

    ScoredTokens(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The next token of the answer. */
    TokenLogprob next(int token, TokenLogprobs logprobs) {
        TokenLogprob.Builder message = TokenLogprob.newBuilder()
                .setToken(scored(token, logprobs.logprob()))
                .setTextOffset(characters);
        for (int i = 0; i < logprobs.top().length; i++) {
            message.addTop(scored(logprobs.top()[i], logprobs.topLogprobs()[i]));
        }
        if (!tokenizer.isSpecial(token)) {
            characters += begunCharacters(message.getToken().getText());
        }
        return message.build();
    }

    private ScoredToken scored(int token, float logprob) {
        return ScoredToken.newBuilder()
                .setId(token)
                .setText(ByteString.copyFrom(tokenizer.bytesOf(token)))
                .setLogprob(Math.max(logprob, LOWEST))
                .build();
    }

    /** Every character has one byte that continues none. */
    private static int begunCharacters(ByteString text) {
        int begun = 0;
        for (int i = 0; i < text.size(); i++) {
            begun += (text.byteAt(i) & CONTINUATION_MASK) == CONTINUATION ? 0 : 1;
        }
        return begun;
    }
}
