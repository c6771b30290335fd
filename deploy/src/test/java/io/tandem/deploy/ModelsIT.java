package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway of its own before two apps that serve different checkpoints, both with all roles: whoever belongs to a role by its file, no
 * answer is ever made of two models.
 */
class ModelsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern DECODER = Pattern.compile("tandem_gateway_decoder_in_flight\\{decoder=\"([^\"]+)\"");
    private static final String NAME = "served";
    private static final int QUESTIONS = 8;

    @TempDir
    Path folder;

    @Test
    void rolesOfDifferentModelsNeverAnswerTogether() throws Exception {
        try (TandemProcess demo = start("models-demo", TandemProcess.demoModel());
                TandemProcess golden = start("models-golden", TandemProcess.golden("multimodal"))) {
            App one = App.of(demo);
            App other = App.of(golden);
            assertNotEquals(one.answers, other.answers);
            roles(List.of(one), List.of(one, other));
            try (RoleProcess gateway = gateway()) {
                Api api = gateway.api();
                Eventually.holds(PATIENCE, "ready", api::isReady);
                aDecoderOfAnotherModelGetsNothing(api, one, golden);
                assertTrue(gateway.output().contains(" gets no requests: it serves model "), gateway.output());
                withoutAnotherDecoderThereIsAnHonest503(api, other);
                aPairThatAgreesIsUsed(api, one, other);
                noAnswerIsEverMixed(api, one, other);
            }
        }
    }

    private void aDecoderOfAnotherModelGetsNothing(Api api, App one, TandemProcess golden) {
        Eventually.holds(PATIENCE, "noticed", () -> differing(api) == 1);
        double before = golden.api().metric("tandem_decoder_requests_total");
        assertEquals(one.answers, answers(api));
        assertEquals(before, golden.api().metric("tandem_decoder_requests_total"));
    }

    private void withoutAnotherDecoderThereIsAnHonest503(Api api, App other) throws IOException {
        decoders(List.of(other));
        Eventually.holds(PATIENCE, "not ready", () -> !api.isReady());
        HttpResponse<String> refusal =
                api.postRaw("/v1/completions", question(0).toString());
        assertEquals(503, refusal.statusCode(), refusal.body());
        assertTrue(refusal.headers().firstValue("Retry-After").isPresent());
        JsonNode error = Api.JSON.readTree(refusal.body()).get("error");
        assertEquals("model_mismatch", error.get("code").asText());
        assertTrue(error.get("message").asText().contains("different models"), refusal.body());
    }

    private void aPairThatAgreesIsUsed(Api api, App one, App other) throws IOException {
        roles(List.of(one, other), List.of(other));
        Eventually.holds(PATIENCE, "ready with the other model", api::isReady);
        assertEquals(other.answers, answers(api));
        assertEquals(
                other.fingerprint,
                api.post("/v1/completions", question(0))
                        .get("system_fingerprint")
                        .asText());
    }

    /** Decoders change from one model to the other and back under load. */
    private void noAnswerIsEverMixed(Api api, App one, App other) throws IOException {
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        AtomicInteger byOne = new AtomicInteger();
        AtomicInteger byOther = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                for (int i = 0; i < 4; i++) {
                    int first = i;
                    clients.execute(() -> {
                        for (int n = first; !over.get(); n++) {
                            int number = n % QUESTIONS;
                            HttpResponse<String> response = api.postRaw(
                                    "/v1/completions", question(number).toString());
                            if (response.statusCode() == 200) {
                                String answer = answer(response.body());
                                if (answer.equals(one.answers.get(number))) {
                                    byOne.incrementAndGet();
                                } else if (answer.equals(other.answers.get(number))) {
                                    byOther.incrementAndGet();
                                } else {
                                    wrong.add(number + ": " + answer);
                                }
                            } else if (response.statusCode() != 503) {
                                wrong.add(number + ": " + response.body());
                            }
                        }
                    });
                }
                for (List<App> decoders : List.of(List.of(one), List.of(one, other), List.of(other), List.of(one))) {
                    int before = byOne.get();
                    int beforeOther = byOther.get();
                    decoders(decoders);
                    Eventually.holds(
                            PATIENCE,
                            "answered by " + decoders.size(),
                            () -> decoders.equals(List.of(other))
                                    ? byOther.get() > beforeOther + 10
                                    : byOne.get() > before + 10);
                }
            } finally {
                over.set(true);
            }
        }
        assertEquals(List.of(), List.copyOf(wrong));
    }

    private static double differing(Api api) {
        return api.metric("tandem_gateway_differing_instances", "role=\"decoder\"");
    }

    /** An app whose own gateway says what is right. */
    private record App(String address, String fingerprint, List<String> answers) {

        static App of(TandemProcess process) {
            Matcher address = DECODER.matcher(process.api().metrics());
            assertTrue(address.find(), "the gateway of an app names its decoder");
            String fingerprint = process.api()
                    .post("/v1/completions", question(0))
                    .get("system_fingerprint")
                    .asText();
            return new App(address.group(1), fingerprint, ModelsIT.answers(process.api()));
        }
    }

    private static List<String> answers(Api api) {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
            answers.add(answer(api.post("/v1/completions", question(i)).toString()));
        }
        return answers;
    }

    private static String answer(String body) {
        try {
            return Api.JSON.readTree(body).at("/choices/0/token_ids").toString();
        } catch (IOException e) {
            throw new IllegalStateException(body, e);
        }
    }

    private static ObjectNode question(int number) {
        return Api.JSON
                .createObjectNode()
                .put("model", NAME)
                .put("prompt", "What is question " + number + " about?")
                .put("temperature", 0)
                .put("max_tokens", 8)
                .put("ignore_eos", true)
                .put("return_token_ids", true);
    }

    private static TandemProcess start(String name, Path model) {
        return TandemProcess.start(name, model, "--served-model-name", NAME, "--threads", "1");
    }

    private RoleProcess gateway() {
        return RoleProcess.start(
                "models-gateway",
                "gateway",
                "tandem.gateway.served-model-names=" + NAME,
                "tandem.gateway.vision=file:" + folder.resolve("readers"),
                "tandem.gateway.encoder=file:" + folder.resolve("readers"),
                "tandem.gateway.decoders=file:" + folder.resolve("decoders"),
                "tandem.gateway.files.path=" + folder.resolve("files"),
                "tandem.gateway.health.interval=100ms");
    }

    private void roles(List<App> readers, List<App> decoders) throws IOException {
        write("readers", readers);
        decoders(decoders);
    }

    private void decoders(List<App> decoders) throws IOException {
        write("decoders", decoders);
    }

    private void write(String name, List<App> apps) throws IOException {
        Path next = folder.resolve(name + ".next");
        Files.write(next, apps.stream().map(App::address).toList());
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
