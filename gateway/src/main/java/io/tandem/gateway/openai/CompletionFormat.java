package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.decoder.v1.Delta;
import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import io.tandem.gateway.pipeline.Outcome;
import java.util.List;
import java.util.Optional;

/** Answers of /v1/completions. */
final class CompletionFormat extends AnswerFormat {

    private static final String OBJECT = "text_completion";

    CompletionFormat(Identity identity, AnswerOptions options) {
        super(identity, options);
    }

    @Override
    String wholeObject() {
        return OBJECT;
    }

    @Override
    String pieceObject() {
        return OBJECT;
    }

    @Override
    ObjectNode wholeChoice(Choice choice) {
        ObjectNode node = choice(choice.index(), choice.text()).put("finish_reason", name(choice.finish()));
        if (logprobs()) {
            node.set("logprobs", LogprobFormat.completion(choice.logprobs()));
        }
        if (returnTokenIds()) {
            putIds(node, "token_ids", choice.tokenIds());
            putIds(node, "prompt_token_ids", choice.promptTokenIds());
        }
        return node;
    }

    @Override
    public Optional<String> opening(int index, List<Integer> promptTokenIds) {
        if (!returnTokenIds()) {
            return Optional.empty();
        }
        ObjectNode choice = choice(index, "");
        putIds(choice, "prompt_token_ids", promptTokenIds);
        return Optional.of(piece(choice));
    }

    @Override
    public String delta(int index, Delta delta) {
        ObjectNode choice = choice(index, delta.getText());
        if (logprobs()) {
            choice.set("logprobs", LogprobFormat.completion(delta.getLogprobsList()));
        }
        if (returnTokenIds()) {
            putIds(choice, "token_ids", delta.getTokenIdsList());
        }
        return piece(choice);
    }

    @Override
    public String closing(int index, Outcome.Finish finish) {
        return piece(choice(index, "").put("finish_reason", name(finish)));
    }

    private static ObjectNode choice(int index, String text) {
        return object().put("text", text)
                .put("index", index)
                .putNull("logprobs")
                .putNull("finish_reason");
    }
}
