package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.checkpoint.GoldenTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The golden checkpoints' tokens over HTTP from the packaged app, greedy and by beam search. Left out: cases whose weights the
 * reference rounded after loading them, which no file on disk has.
 */
class GoldenOverHttpIT {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text-sliding",
                "text-sliding-odd",
                "softcap",
                "multimodal",
                "legacy-names",
                "legacy-sharded",
                "legacy-bfloat16"
            })
    void givesTheGoldenTokens(String folder) {
        GoldenCases golden = GoldenCases.open(folder);
        List<String> wrong = new ArrayList<>();
        try (TandemProcess tandem = TandemProcess.start("golden-" + folder, TandemProcess.golden(folder))) {
            Api api = tandem.api();
            String model = api.model();
            for (GoldenCase test : golden.cases()) {
                if (!test.bfloat16Weights()) {
                    compare(api, model, files(golden), test, wrong);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** Where the pictures of the cases lie: some checkpoints share another's cases. */
    private static Path files(GoldenCases golden) {
        JsonNode other = golden.header().path("same_cases_as");
        return other.isMissingNode() ? golden.folder() : GoldenCases.folder(other.asText());
    }

    private static void compare(Api api, String model, Path folder, GoldenCase test, List<String> wrong) {
        GoldenTensor tokens = test.tensor("tokens");
        int[] lengths = test.tensor("lengths").ints();
        int columns = tokens.shape()[1];
        int image = 0;
        // The rows of a search are the answers to one prompt.
        int answers = test.generate("num_return_sequences").asInt(1);
        for (int row = 0; row < lengths.length; row += answers) {
            ObjectNode body = request(model, test, row);
            JsonNode files = test.options().get("images");
            if (files != null) {
                ArrayNode images = body.putArray("images");
                int count = images(body.get("prompt").asText());
                for (int i = 0; i < count; i++) {
                    images.add(Api.dataUri(folder.resolve(files.get(image++).asText())));
                }
            }
            JsonNode choices = api.post("/v1/completions", body).get("choices");
            for (int answer = 0; answer < answers; answer++) {
                int start = (row + answer) * columns;
                List<Integer> expected = Arrays.stream(tokens.ints(), start, start + lengths[row + answer])
                        .boxed()
                        .toList();
                List<Integer> actual = new ArrayList<>();
                choices.at("/" + answer + "/token_ids").forEach(id -> actual.add(id.asInt()));
                if (!expected.equals(actual)) {
                    wrong.add(test.name() + " row " + (row + answer) + ": expected " + expected + ", got " + actual);
                }
            }
        }
    }

    private static int images(String prompt) {
        return prompt.split("<start_of_image>", -1).length - 1;
    }

    private static ObjectNode request(String model, GoldenCase test, int row) {
        ObjectNode body = Api.JSON.createObjectNode();
        body.put("model", model).put("temperature", 0).put("return_token_ids", true);
        body.set("max_tokens", test.generate("max_new_tokens"));
        if (!test.generate("eos_token_id").isMissingNode()) {
            // Those replace the model's own.
            body.put("ignore_eos", true).set("stop_token_ids", test.generate("eos_token_id"));
        }
        if (!test.generate("num_beams").isMissingNode()) {
            body.put("use_beam_search", true);
            body.set("best_of", test.generate("num_beams"));
            body.set("n", test.generate("num_return_sequences"));
            body.set("length_penalty", test.generate("length_penalty"));
            body.set("early_stopping", test.generate("early_stopping"));
        }
        if (test.tensors().containsKey("document.1")) {
            ArrayNode documents = body.putArray("documents");
            if (test.options().containsKey("images")) {
                // The decoder sees states as a set: a document with a picture can as well be the prompt.
                body.put("prompt", test.options().get("text").asText());
            } else {
                body.put("prompt", "");
                documents
                        .addObject()
                        .set("token_ids", ids(test.tensor("document.0").ints()));
            }
            documents.addObject().set("token_ids", ids(test.tensor("document.1").ints()));
        } else if (test.options().containsKey("images")) {
            JsonNode text = test.options().get("text");
            body.put("prompt", text.isArray() ? text.get(row).asText() : text.asText());
        } else {
            body.set("prompt", ids(row(test, row)));
        }
        if (test.tensors().containsKey("decoder_input_ids")) {
            int[] prefix = test.tensor("decoder_input_ids").ints();
            body.set("decoder_prefix", ids(Arrays.copyOfRange(prefix, 1, prefix.length)));
        }
        return body;
    }

    private static int[] row(GoldenCase test, int row) {
        GoldenTensor tensor = test.tensor("input_ids");
        int columns = tensor.shape()[1];
        int[] padded = Arrays.copyOfRange(tensor.ints(), row * columns, (row + 1) * columns);
        if (!test.tensors().containsKey("attention_mask")) {
            return padded;
        }
        int[] mask = test.tensor("attention_mask").ints();
        return IntStream.range(0, columns)
                .filter(column -> mask[row * columns + column] == 1)
                .map(column -> padded[column])
                .toArray();
    }

    private static ArrayNode ids(int... values) {
        ArrayNode array = Api.JSON.createArrayNode();
        for (int value : values) {
            array.add(value);
        }
        return array;
    }
}
