package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the API promises of texts and tokens, through every service: the demo model's own words, cut, continued and drawn again. */
@ExtendWith(DemoServer.class)
class ContractIT {

    private static final String CHAT = "/v1/chat/completions";
    private static final String QUESTION = "Repeat these names: Anna, Otto, Hannah.";

    /** An answer, token by token. */
    private record Written(String text, List<Integer> ids, List<String> tokens) {

        String first(int count) {
            return String.join("", tokens.subList(0, count));
        }
    }

    private static Written written(Api api) {
        JsonNode choice = api.post(CHAT, question(api).put("logprobs", true).put("return_token_ids", true))
                .at("/choices/0");
        List<Integer> ids = new ArrayList<>();
        choice.get("token_ids").forEach(id -> ids.add(id.asInt()));
        List<String> tokens = new ArrayList<>();
        choice.at("/logprobs/content")
                .forEach(token -> tokens.add(token.get("token").asText()));
        return new Written(choice.at("/message/content").asText(), ids, tokens);
    }

    @Test
    void aStopStringAcrossTokensEndsTheAnswerAndIsNeverSent(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        Written whole = written(api);
        int cut = whole.tokens().size() / 2;
        String before = whole.first(cut);
        String stop =
                before.substring(before.length() - 1) + whole.text().substring(before.length(), before.length() + 2);
        int end = whole.text().indexOf(stop);
        assertTrue(end > 0, stop + " in " + whole.text());
        ObjectNode body = question(api);
        body.putArray("stop").add("never written").add(stop);
        JsonNode choice = api.post(CHAT, body).at("/choices/0");
        assertEquals(
                whole.text().substring(0, end), choice.at("/message/content").asText());
        assertEquals("stop", choice.get("finish_reason").asText());
        List<JsonNode> pieces = pieces(api, body);
        StringBuilder streamed = new StringBuilder();
        pieces.forEach(
                piece -> streamed.append(piece.at("/choices/0/delta/content").asText()));
        assertEquals(whole.text().substring(0, end), streamed.toString());
        assertEquals("stop", pieces.getLast().at("/choices/0/finish_reason").asText());
    }

    @Test
    void anAnswerGoesOnWhereItsPrefixEnds(TandemProcess tandem) {
        Api api = tandem.api();
        Written whole = written(api);
        int cut = whole.ids().size() / 2;
        ObjectNode byIds = question(api).put("return_token_ids", true);
        whole.ids().subList(0, cut).forEach(byIds.withArray("decoder_prefix")::add);
        JsonNode rest = api.post(CHAT, byIds).at("/choices/0");
        List<Integer> ids = new ArrayList<>();
        rest.get("token_ids").forEach(id -> ids.add(id.asInt()));
        assertEquals(whole.ids().subList(cut, whole.ids().size()), ids);
        assertEquals(
                whole.text(), whole.first(cut) + rest.at("/message/content").asText());

        ObjectNode message = question(api).put("continue_final_message", true);
        message.withArray("messages").addObject().put("role", "assistant").put("content", whole.first(cut));
        ObjectNode text = question(api).put("decoder_prefix", whole.first(cut));
        assertEquals(
                api.post(CHAT, text).at("/choices/0/message/content"),
                api.post(CHAT, message).at("/choices/0/message/content"),
                "a final message of the assistant is the prefix of the answer");
    }

    @Test
    void aSeedDrawsTheSameAgainWhateverElseRuns(TandemProcess tandem) {
        Api api = tandem.api();
        ObjectNode drawn = question(api).put("temperature", 1.5).put("seed", 7).put("max_tokens", 24);
        drawn.put("ignore_eos", true);
        String alone = text(api, drawn);
        assertNotEquals(alone, text(api, drawn.deepCopy().put("seed", 8)));
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ObjectNode other = drawn.deepCopy().put("seed", 100 + i);
            others.add(Thread.ofVirtual().start(() -> text(api, other)));
        }
        assertEquals(alone, text(api, drawn));
        JsonNode choices = api.post(CHAT, drawn.deepCopy().put("n", 2)).get("choices");
        assertEquals(alone, choices.at("/0/message/content").asText(), "the first choice has the request's own seed");
        assertNotEquals(alone, choices.at("/1/message/content").asText());
        others.forEach(ContractIT::join);
    }

    @Test
    void tokensAreThoseThatTheEncoderReads(TandemProcess tandem) {
        Api api = tandem.api();
        ObjectNode asked = question(api).put("return_token_ids", true).put("max_tokens", 1);
        ObjectNode rendered = Api.JSON.createObjectNode();
        rendered.set("messages", asked.get("messages"));
        JsonNode tokens = api.post("/tokenize", rendered);
        assertEquals(api.post(CHAT, asked).at("/choices/0/prompt_token_ids"), tokens.get("tokens"));
        assertEquals(tokens.get("tokens").size(), tokens.get("count").asInt());
        assertEquals(2048, tokens.get("max_model_len").asInt());

        ObjectNode prompt = Api.JSON.createObjectNode().put("prompt", QUESTION).put("return_token_strs", true);
        JsonNode plain = api.post("/tokenize", prompt);
        assertEquals(plain.get("count").asInt(), plain.get("token_strs").size());
        ObjectNode completion = Api.JSON.createObjectNode().put("model", api.model());
        completion.put("prompt", QUESTION).put("max_tokens", 1).put("return_token_ids", true);
        JsonNode read = api.post("/v1/completions", completion);
        assertEquals(plain.get("tokens"), read.at("/choices/0/prompt_token_ids"));
        assertEquals(plain.get("count"), read.at("/usage/prompt_tokens"));
        JsonNode bare = api.post("/tokenize", prompt.put("add_special_tokens", false));
        ObjectNode back = Api.JSON.createObjectNode();
        back.set("tokens", bare.get("tokens"));
        assertEquals(QUESTION, api.post("/detokenize", back).get("prompt").asText());
    }

    @Test
    void vectorsAreTheSameInBothEncodings(TandemProcess tandem) {
        Api api = tandem.api();
        ObjectNode body = Api.JSON.createObjectNode().put("model", api.model());
        body.putArray("input").add("one").add("another text");
        JsonNode floats = api.post("/v1/embeddings", body.put("encoding_format", "float"));
        JsonNode packed = api.post("/v1/embeddings", body.put("encoding_format", "base64"));
        for (int i = 0; i < 2; i++) {
            JsonNode list = floats.at("/data/" + i + "/embedding");
            float[] values = new float[list.size()];
            for (int j = 0; j < values.length; j++) {
                values[j] = list.get(j).floatValue();
            }
            byte[] bytes = Base64.getDecoder()
                    .decode(packed.at("/data/" + i + "/embedding").asText());
            float[] decoded = new float[bytes.length / Float.BYTES];
            ByteBuffer.wrap(bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(decoded);
            assertArrayEquals(values, decoded);
            assertTrue(values.length > 8, "a vector of the model's width");
        }
        assertEquals(packed.at("/usage/prompt_tokens"), packed.at("/usage/prompt_tokens_details/cached_tokens"));
    }

    @Test
    void theModelIsShownUnderItsNameWithItsLimits(TandemProcess tandem) {
        Api api = tandem.api();
        JsonNode list = api.json("/v1/models");
        assertEquals("list", list.get("object").asText());
        JsonNode model = list.at("/data/0");
        assertEquals(model, api.json("/v1/models/" + api.model()));
        assertEquals(2048, model.get("max_model_len").asInt());
        JsonNode answer = api.post(CHAT, question(api).put("max_tokens", 1));
        assertEquals(model.get("id"), answer.get("model"));
        assertEquals(model.get("fingerprint"), answer.get("system_fingerprint"));
    }

    @Test
    void usageComesLastInAStreamAndIsThatOfTheWhole(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        ObjectNode body = question(api);
        JsonNode whole = api.post(CHAT, body).get("usage");
        body.putObject("stream_options").put("include_usage", true);
        List<JsonNode> pieces = pieces(api, body);
        JsonNode last = pieces.removeLast();
        assertEquals("[]", last.get("choices").toString());
        assertEquals(whole.get("completion_tokens"), last.at("/usage/completion_tokens"));
        assertEquals(whole.get("prompt_tokens"), last.at("/usage/prompt_tokens"));
        assertEquals(
                last.at("/usage/prompt_tokens"), last.at("/usage/prompt_tokens_details/cached_tokens"), "read before");
        assertFalse(pieces.isEmpty());
        pieces.forEach(piece -> assertTrue(piece.get("usage").isNull(), piece.toString()));
    }

    private static List<JsonNode> pieces(Api api, ObjectNode body) throws IOException {
        List<JsonNode> pieces = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        try (BufferedReader events = new BufferedReader(
                new InputStreamReader(api.stream(CHAT, body.deepCopy().put("stream", true)), StandardCharsets.UTF_8))) {
            for (String line = events.readLine(); line != null; line = events.readLine()) {
                lines.add(line);
                if (line.startsWith("data: {")) {
                    pieces.add(Api.JSON.readTree(line.substring(6)));
                }
            }
        }
        assertEquals(List.of("data: [DONE]", ""), lines.subList(lines.size() - 2, lines.size()));
        return pieces;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode question(Api api) {
        return api.chat(Api.JSON.getNodeFactory().textNode(QUESTION));
    }

    private static String text(Api api, ObjectNode body) {
        return api.post(CHAT, body).at("/choices/0/message/content").asText();
    }
}
