package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import io.tandem.gateway.pipeline.Outcome;
import java.util.List;
import java.util.Optional;

/** Answers of /v1/chat/completions. */
final class ChatFormat extends AnswerFormat {

    ChatFormat(Identity identity, AnswerOptions options) {
        super(identity, options);
    }

    @Override
    String wholeObject() {
        return "chat.completion";
    }

    @Override
    String pieceObject() {
        return "chat.completion.chunk";
    }

    @Override
    ObjectNode wholeChoice(Choice choice) {
        ObjectNode node = object().put("index", choice.index());
        node.putObject("message")
                .put("role", "assistant")
                .put("content", choice.text())
                .putNull("refusal");
        node.putNull("logprobs").put("finish_reason", name(choice.finish()));
        if (logprobs()) {
            node.set("logprobs", LogprobFormat.chat(choice.logprobs()));
        }
        if (returnTokenIds()) {
            putIds(node, "token_ids", choice.tokenIds());
            putIds(node, "prompt_token_ids", choice.promptTokenIds());
        }
        return node;
    }

    @Override
    public Optional<String> opening(int index, List<Integer> promptTokenIds) {
        ObjectNode choice = unfinished(index);
        choice.putObject("delta").put("role", "assistant").put("content", "");
        if (returnTokenIds()) {
            putIds(choice, "prompt_token_ids", promptTokenIds);
        }
        return Optional.of(piece(choice));
    }

    @Override
    public String delta(int index, Delta delta) {
        ObjectNode choice = unfinished(index);
        choice.putObject("delta").put("content", delta.getText());
        if (logprobs()) {
            choice.set("logprobs", LogprobFormat.chat(delta.getLogprobsList()));
        }
        if (returnTokenIds()) {
            putIds(choice, "token_ids", delta.getTokenIdsList());
        }
        return piece(choice);
    }

    @Override
    public String closing(int index, Outcome.Finish finish) {
        ObjectNode choice = unfinished(index).put("finish_reason", name(finish));
        choice.putObject("delta");
        return piece(choice);
    }

    private static ObjectNode unfinished(int index) {
        return object().put("index", index).putNull("logprobs").putNull("finish_reason");
    }
}
