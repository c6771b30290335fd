package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each parameter that says how an answer is written has its effect on the demo model's answers, through every service. */
@ExtendWith(DemoServer.class)
class ParametersIT {

    private static final String QUESTION = "Repeat these names: Anna, Otto, Hannah.";

    /** Token by token, the one that is best after its penalty is taken; log probabilities tell how good each was before. */
    @ParameterizedTest
    @CsvSource({"frequency_penalty, -2, 30", "frequency_penalty, 1.5, 30", "presence_penalty, 2, 30"})
    void penaltiesCountWhatWasGenerated(String field, double penalty, int tokens, TandemProcess tandem) {
        Api api = tandem.api();
        ObjectNode body = question(api).put(field, penalty).put("max_tokens", tokens);
        body.put("ignore_eos", true).put("logprobs", true).put("top_logprobs", 20);
        JsonNode choice = api.post("/v1/chat/completions", body).at("/choices/0");
        Map<String, Integer> counts = new HashMap<>();
        for (JsonNode token : choice.at("/logprobs/content")) {
            double chosen = penalised(token, field, penalty, counts);
            for (JsonNode other : token.get("top_logprobs")) {
                assertTrue(
                        chosen >= penalised(other, field, penalty, counts) - 1e-4,
                        other + " was better than " + token.get("token"));
            }
            counts.merge(token.get("bytes").toString(), 1, Integer::sum);
        }
        ObjectNode plain = question(api).put("max_tokens", tokens).put("ignore_eos", true);
        assertNotEquals(text(api, plain), choice.at("/message/content").asText());
    }

    private static double penalised(JsonNode token, String field, double penalty, Map<String, Integer> counts) {
        int count = counts.getOrDefault(token.get("bytes").toString(), 0);
        return token.get("logprob").asDouble()
                - penalty * (field.equals("frequency_penalty") ? count : Math.min(1, count));
    }

    @Test
    void biasesForceAndForbidAndTheRepetitionPenaltyMovesOn(TandemProcess tandem) {
        Api api = tandem.api();
        List<Integer> plain = tokens(api, question(api));
        ObjectNode forbidding = question(api);
        forbidding.putObject("logit_bias").put(plain.getFirst().toString(), -100);
        assertNotEquals(plain.getFirst(), tokens(api, forbidding).getFirst());
        ObjectNode forcing = question(api).put("max_tokens", 6);
        forcing.putObject("logit_bias").put("300", 100);
        assertEquals(Collections.nCopies(6, 300), tokens(api, forcing));
        forcing.withObject("logit_bias").put("301", 100);
        List<Integer> moving = tokens(api, forcing.put("repetition_penalty", 4)).subList(0, 2);
        assertEquals(List.of(300, 301), moving.stream().sorted().toList());
    }

    @Test
    void theEndComesLaterOrNotAtAll(TandemProcess tandem) {
        Api api = tandem.api();
        int length = tokens(api, question(api)).size();
        assertTrue(tokens(api, question(api).put("min_tokens", length + 3)).size() > length + 3);
        JsonNode endless = api.post(
                "/v1/chat/completions", question(api).put("ignore_eos", true).put("max_tokens", length + 20));
        assertEquals(length + 20, endless.at("/usage/completion_tokens").asInt());
        assertEquals("length", endless.at("/choices/0/finish_reason").asText());
    }

    @Test
    void logProbabilitiesAreTheSameInPieces(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        ObjectNode body = question(api).put("logprobs", true).put("top_logprobs", 3);
        JsonNode choice = api.post("/v1/chat/completions", body).at("/choices/0");
        List<JsonNode> whole = new ArrayList<>();
        choice.at("/logprobs/content").forEach(whole::add);
        List<JsonNode> pieces = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                api.stream("/v1/chat/completions", body.deepCopy().put("stream", true)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: {")) {
                    Api.JSON
                            .readTree(line.substring(6))
                            .at("/choices/0/logprobs/content")
                            .forEach(pieces::add);
                }
            }
        }
        assertEquals(whole, pieces);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // The last one is the stop token.
        for (JsonNode token : whole.subList(0, whole.size() - 1)) {
            token.get("bytes").forEach(value -> bytes.write(value.asInt()));
            assertEquals(token.get("logprob"), token.at("/top_logprobs/0/logprob"), "greedy");
        }
        assertEquals(choice.at("/message/content").asText(), bytes.toString(StandardCharsets.UTF_8));
        ObjectNode completion = Api.JSON.createObjectNode().put("model", api.model());
        completion.put("prompt", QUESTION).put("temperature", 0).put("logprobs", 2);
        JsonNode legacy = api.post("/v1/completions", completion).at("/choices/0/logprobs");
        assertEquals(legacy.get("tokens").size(), legacy.get("token_logprobs").size());
        assertEquals(0, legacy.at("/text_offset/0").asInt());
        assertTrue(legacy.at("/top_logprobs/0").has(legacy.at("/tokens/0").asText()));
    }

    @Test
    void aSearchRunsBesideOtherAnswers(TandemProcess tandem) {
        Api api = tandem.api();
        ObjectNode search =
                question(api).put("use_beam_search", true).put("n", 3).put("max_tokens", 20);
        JsonNode alone = api.post("/v1/chat/completions", search).get("choices");
        assertEquals(3, alone.size());
        assertEquals(3, alone.findValues("token_ids").stream().distinct().count(), "the answers differ");
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int seed = i;
            others.add(Thread.ofVirtual()
                    .start(() -> api.post(
                            "/v1/chat/completions",
                            question(api).put("temperature", 1).put("seed", seed))));
        }
        JsonNode among = api.post("/v1/chat/completions", search).get("choices");
        assertEquals(alone, among);
        for (Thread other : others) {
            join(other);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode question(Api api) {
        return api.chat(Api.JSON.getNodeFactory().textNode(QUESTION)).put("return_token_ids", true);
    }

    private static String text(Api api, ObjectNode body) {
        return api.post("/v1/chat/completions", body)
                .at("/choices/0/message/content")
                .asText();
    }

    private static List<Integer> tokens(Api api, ObjectNode body) {
        List<Integer> tokens = new ArrayList<>();
        api.post("/v1/chat/completions", body).at("/choices/0/token_ids").forEach(id -> tokens.add(id.asInt()));
        return tokens;
    }
}
