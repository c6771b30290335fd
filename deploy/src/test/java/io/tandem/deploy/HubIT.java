package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tandem.hub.Fault;
import io.tandem.hub.LocalHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged app with a model that lies on a hub. */
class HubIT {

    private static final String MODEL = "tandem/demo-model";
    private static final String WEIGHTS = "model.safetensors";
    private static final String SECRET = "hf_averysecrettoken";
    private static final String QUESTION =
            "Recipe for lemon bread. It makes 9 portions. The oven should be at 170 degrees. Serve it with salt.\n\n"
                    + "What is the oven temperature?";

    @TempDir
    private Path cache;

    @Test
    void servesAModelOfTheHubAndAfterwardsWithoutIt() {
        try (LocalHub hub = LocalHub.serving(MODEL, TandemProcess.demoModel())) {
            hub.gate(SECRET);
            hub.fail(WEIGHTS, Fault.cut(3_000_000));
            try (TandemProcess tandem = TandemProcess.start(
                    "hub", MODEL, environment(hub, "HF_TOKEN", SECRET), "--revision", hub.commit())) {
                assertAnswers(tandem);
                assertTrue(tandem.output().contains("Downloading " + WEIGHTS + " of " + MODEL), tandem.output());
                assertTrue(tandem.output().contains("Downloaded " + WEIGHTS + " of " + MODEL), tandem.output());
                assertFalse(tandem.output().contains(SECRET), tandem.output());
            }
            int before = hub.requests().size();
            try (TandemProcess tandem = TandemProcess.start(
                    "hub-offline", MODEL + "@" + hub.commit(), environment(hub, "HF_HUB_OFFLINE", "1"))) {
                assertAnswers(tandem);
            }
            assertEquals(before, hub.requests().size());
        }
    }

    @Test
    void refusesAModelThatIsNoneOfItsFamilyBeforeItsWeightsCome(@TempDir Path model) throws Exception {
        Files.writeString(model.resolve("config.json"), "{\"model_type\": \"bert\"}");
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        Files.writeString(model.resolve(WEIGHTS), "weights of another model");
        try (LocalHub hub = LocalHub.serving(MODEL, model)) {
            refuses(hub, MODEL, "model_type");
            assertEquals(0, hub.downloads(WEIGHTS));
        }
    }

    @Test
    void saysWhatToDoAboutAModelThatItCannotHave() {
        try (LocalHub hub = LocalHub.serving(MODEL, TandemProcess.demoModel())) {
            hub.gate(SECRET);
            refuses(hub, MODEL, "accept its licence at " + hub.endpoint() + "/" + MODEL);
            refuses(hub, MODEL + "@v9", "has no revision v9");
            refuses(hub, "tandem/nothing", "no folder tandem/nothing here");
        }
    }

    private void assertAnswers(TandemProcess tandem) {
        Api api = tandem.api();
        assertEquals(MODEL, api.model());
        JsonNode answer = api.post("/v1/chat/completions", api.chat(TextNode.valueOf(QUESTION)));
        String content = answer.at("/choices/0/message/content").asText();
        assertTrue(content.contains("170"), content);
    }

    private void refuses(LocalHub hub, String model, String expected) {
        TandemProcess tandem =
                TandemProcess.startAndEnd("hub-refusal", environment(hub), "--model", model, "--port", "0");
        assertEquals(1, tandem.exitCode(), tandem.output());
        assertTrue(tandem.output().contains(expected), tandem.output());
        assertFalse(tandem.output().contains("\tat "), tandem.output());
    }

    /** Nothing of the hub's settings on the machine that runs this counts. */
    private Map<String, String> environment(LocalHub hub, String... additional) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HF_ENDPOINT",
                hub.endpoint().toString(),
                "HF_HUB_CACHE",
                cache.toString(),
                "HF_TOKEN_PATH",
                cache.resolve("no-token").toString(),
                "HF_TOKEN",
                "",
                "HUGGING_FACE_HUB_TOKEN",
                "",
                "HF_HUB_OFFLINE",
                "",
                "TRANSFORMERS_OFFLINE",
                "",
                "no_proxy",
                "127.0.0.1"));
        for (int i = 0; i < additional.length; i += 2) {
            environment.put(additional[i], additional[i + 1]);
        }
        return environment;
    }
}
