package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.encoder.v1.TokenizeReply;
import io.tandem.contract.encoder.v1.TokenizeRequest;

/** Answers of /tokenize and /detokenize. */
public final class TokenizeFormat {

    private TokenizeFormat() {}

    /** The tokens of a text. */
    public static String tokens(TokenizeRequest request, TokenizeReply reply, ServedModel model) {
        ObjectNode body = AnswerFormat.object()
                .put("count", reply.getTokenIdsCount())
                .put("max_model_len", model.maxEncoderTokens());
        AnswerFormat.putIds(body, "tokens", reply.getTokenIdsList());
        if (request.getReturnTokenStrings()) {
            reply.getTokenStringsList().forEach(body.putArray("token_strs")::add);
        } else {
            body.putNull("token_strs");
        }
        return body.toString();
    }

    /** The text of tokens. */
    public static String text(String text) {
        return AnswerFormat.object().put("prompt", text).toString();
    }
}
