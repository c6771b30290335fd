package io.tandem.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;

/**
 * One case of a golden folder.
 *
 * @param name unique in the folder; the position in the list, from 0, where the file names none
 * @param options everything {@code cases.json} says of the case, such as {@code generate}, {@code text}, {@code images},
 *     {@code padding}, {@code weights}
 * @param tensors by the names of the golden README, without the case's own: {@code input_ids}, {@code encoder.out}
 */
public record GoldenCase(String name, Map<String, JsonNode> options, Map<String, GoldenTensor> tensors) {

    /** @throws IllegalArgumentException when the case has no such tensor */
    public GoldenTensor tensor(String tensor) {
        GoldenTensor found = tensors.get(tensor);
        if (found == null) {
            throw new IllegalArgumentException("case " + name + " has " + tensors.keySet() + ", not " + tensor);
        }
        return found;
    }

    /** An option of {@code generate}, such as {@code max_new_tokens}; a missing node where it is not given. */
    public JsonNode generate(String option) {
        JsonNode generate = options.get("generate");
        return generate == null ? MissingNode.getInstance() : generate.path(option);
    }

    /** Whether all weights are to be rounded first, see {@link Bfloat16Weights}. */
    public boolean bfloat16Weights() {
        return options.containsKey("weights") && options.get("weights").asText().equals("bfloat16");
    }
}
