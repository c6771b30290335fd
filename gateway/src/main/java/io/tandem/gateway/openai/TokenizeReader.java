package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import java.util.List;
import java.util.Optional;

/** Reads bodies of /tokenize and /detokenize, which are vLLM's. */
public final class TokenizeReader {

    private final ServedModel model;

    /** @param model what is served */
    public TokenizeReader(ServedModel model) {
        this.model = model;
    }

    /**
     * Understands a body of /tokenize.
     *
     * @throws io.tandem.contract.TandemException what is wrong with it, and with which field
     */
    public TokenizeRequest readText(byte[] body) {
        Field fields = fields(body);
        Field prompt = fields.get("prompt");
        Field messages = fields.get("messages");
        if (prompt.isSet() && messages.isSet()) {
            throw prompt.invalid("does not go with messages");
        }
        TokenizeRequest.Builder request = TokenizeRequest.newBuilder()
                .setReturnTokenStrings(fields.get("return_token_strs").flag(false));
        Field special = fields.get("add_special_tokens");
        if (special.isSet()) {
            request.setAddSpecialTokens(special.flag(true));
        }
        if (messages.isSet()) {
            readMessages(fields, messages, request);
        } else {
            request.setText(fields.require("prompt").text());
        }
        return request.build();
    }

    /**
     * Understands a body of /detokenize.
     *
     * @throws io.tandem.contract.TandemException what is wrong with it, and with which field
     */
    public DetokenizeRequest readTokens(byte[] body) {
        Field tokens = fields(body).require("tokens");
        List<Integer> ids = tokens.tokenIds(model.vocabularySize());
        int longest = Math.max(model.maxEncoderTokens(), model.maxDecoderTokens());
        if (ids.size() > longest) {
            throw tokens.failure(
                    ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                    "has %,d tokens, and this model reads and writes at most %,d".formatted(ids.size(), longest));
        }
        return DetokenizeRequest.newBuilder().addAllTokenIds(ids).build();
    }

    private static void readMessages(Field fields, Field messages, TokenizeRequest.Builder request) {
        if (fields.get("continue_final_message").flag(false)) {
            throw fields.get("continue_final_message")
                    .failure(
                            ErrorCode.UNSUPPORTED_PARAMETER,
                            "would leave out the last message, which the decoder reads; leave it out yourself");
        }
        ConversationReader conversation = new ConversationReader(messages, false, Optional.empty());
        conversation.pictures().stream().findFirst().ifPresent(picture -> {
            throw picture.failure(ErrorCode.UNSUPPORTED_PARAMETER, "is a picture, and only text can be tokenized");
        });
        request.setConversation(conversation.conversation());
        Field generationPrompt = fields.get("add_generation_prompt");
        if (generationPrompt.isSet()) {
            request.setAddGenerationPrompt(generationPrompt.flag(true));
        }
    }

    private Field fields(byte[] body) {
        Field fields = JsonBody.read(body);
        Field name = fields.get("model");
        if (name.isSet()) {
            model.requireServed(name);
        }
        return fields;
    }
}
