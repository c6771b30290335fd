package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.tandem.contract.decoder.v1.ScoredToken;
import io.tandem.contract.decoder.v1.TokenLogprob;
import java.util.List;

/** Writes log probabilities in the shapes of the two routes. */
final class LogprobFormat {

    private LogprobFormat() {}

    /** As /v1/chat/completions has them. */
    static ObjectNode chat(List<TokenLogprob> tokens) {
        ObjectNode logprobs = AnswerFormat.object();
        ArrayNode content = logprobs.putArray("content");
        for (TokenLogprob token : tokens) {
            ObjectNode entry = scored(token.getToken());
            ArrayNode top = entry.putArray("top_logprobs");
            token.getTopList().forEach(other -> top.add(scored(other)));
            content.add(entry);
        }
        logprobs.putNull("refusal");
        return logprobs;
    }

    /** As /v1/completions has them. */
    static ObjectNode completion(List<TokenLogprob> tokens) {
        ObjectNode logprobs = AnswerFormat.object();
        ArrayNode texts = logprobs.putArray("tokens");
        ArrayNode values = logprobs.putArray("token_logprobs");
        ArrayNode tops = logprobs.putArray("top_logprobs");
        ArrayNode offsets = logprobs.putArray("text_offset");
        for (TokenLogprob token : tokens) {
            texts.add(text(token.getToken()));
            values.add(token.getToken().getLogprob());
            ObjectNode top = tops.addObject();
            token.getTopList().forEach(other -> put(top, other));
            // The token itself is there even if others were better.
            put(top, token.getToken());
            offsets.add(token.getTextOffset());
        }
        return logprobs;
    }

    private static ObjectNode scored(ScoredToken token) {
        ObjectNode node = AnswerFormat.object().put("token", text(token)).put("logprob", token.getLogprob());
        ArrayNode bytes = node.putArray("bytes");
        ByteString text = token.getText();
        for (int i = 0; i < text.size(); i++) {
            bytes.add(Byte.toUnsignedInt(text.byteAt(i)));
        }
        return node;
    }

    /** Of tokens that read the same, as parts of characters do, the best one is kept, which comes first. */
    private static void put(ObjectNode top, ScoredToken token) {
        if (!top.has(text(token))) {
            top.put(text(token), token.getLogprob());
        }
    }

    /** A part of a character reads as U+FFFD. */
    private static String text(ScoredToken token) {
        return token.getText().toStringUtf8();
    }
}
