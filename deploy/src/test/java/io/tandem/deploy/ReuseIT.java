package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was read once is not read again. */
@ExtendWith(DemoServer.class)
class ReuseIT {

    /** Counters of work that a repeated request must not cause. */
    private static final List<String> WORK =
            List.of("tandem_encoder_tokens_encoded_total", "tandem_vision_images_encoded_total");

    @Test
    void aRepeatedRequestDoesNoEncoderAndNoVisionWork(TandemProcess tandem) {
        Api api = tandem.api();
        Path picture = TandemProcess.evaluation().resolve("images/221.png");
        ObjectNode body = api.chat(Api.parts(Api.picture(picture), Api.text("Which shapes do you see this time?")));
        body.putArray("documents").addObject().put("title", "Note").put("text", "The red door is on the left.");

        JsonNode first = api.post("/v1/chat/completions", body);
        assertTrue(
                first.at("/usage/prompt_tokens_details/cached_tokens").asInt()
                        < first.at("/usage/prompt_tokens").asInt());
        assertEquals(16, first.at("/usage/prompt_tokens_details/image_tokens").asInt());
        List<Double> before = WORK.stream().map(api::metric).toList();
        assertTrue(before.stream().allMatch(count -> count > 0), WORK + " are " + before);

        JsonNode second = api.post("/v1/chat/completions", body);
        assertEquals(first.at("/choices"), second.at("/choices"));
        assertEquals(
                second.at("/usage/prompt_tokens"), second.at("/usage/prompt_tokens_details/cached_tokens"));
        assertEquals(before, WORK.stream().map(api::metric).toList());
    }
}
