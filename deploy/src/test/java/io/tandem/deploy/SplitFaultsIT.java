package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Roles that die, are replaced, join and leave under steady load: no answer is ever wrong, nothing is lost but streams of a killed
 * process, and those say so. Each fault hits a role or two, and every one of them when tandem.test.faults.every is set. The promised
 * recovery time is held to when tandem.test.faults.exact is set, on a machine that does nothing else.
 */
class SplitFaultsIT {

    private static final boolean EVERY = Boolean.getBoolean("tandem.test.faults.every");
    private static final boolean EXACT = Boolean.getBoolean("tandem.test.faults.exact");
    private static final Duration PROMISED_RECOVERY = Duration.ofSeconds(10);
    private static final Duration TOLERATED_RECOVERY = Duration.ofSeconds(45);
    private static final String DATA_URI = "data:image/png;base64,";
    /** Long enough for a kill to hit it. */
    private static final int LONG_ANSWER_TOKENS = 300;

    private static final int WARM_UP_ANSWERS = 150;

    private static SplitProcess split;
    private static SteadyLoad load;

    @BeforeAll
    static void start() throws IOException {
        split = SplitProcess.start("split-faults", "--decoders", "3");
        load = new SteadyLoad(split.api());
        String model = split.api().model();
        List<JsonNode> cases = DemoEvaluationIT.cases();
        List<SteadyLoad.Question> texts = questions(model, cases, false);
        List<SteadyLoad.Question> pictures = questions(model, cases, true);
        List<SteadyLoad.Question> stories = stories(model);
        AtomicInteger unique = new AtomicInteger();
        load.add(number -> texts.get(number % texts.size()));
        load.add(number -> streamed(texts.get((number + 7) % texts.size())));
        load.add(number -> unique(pictures.get(number % pictures.size()), unique.incrementAndGet()));
        for (SteadyLoad.Question story : stories) {
            load.add(number -> streamed(story));
            load.add(number -> story);
        }
        // The first seconds of young processes are no measure of anything.
        Eventually.holds(Duration.ofSeconds(60), "warm", () -> load.answered.get() > WARM_UP_ANSWERS);
    }

    @AfterAll
    static void end() {
        load.close();
        split.close();
    }

    static List<String> killed() {
        return EVERY
                ? List.of("cache", "broker", "vision", "encoder", "decoder", "gateway")
                : List.of("decoder", "cache");
    }

    static List<String> restarted() {
        return EVERY ? List.of("vision", "encoder", "decoder") : List.of("encoder");
    }

    static List<String> toldToEnd() {
        return EVERY ? List.of("vision", "encoder", "decoder", "gateway") : List.of("gateway");
    }

    @BeforeEach
    void forget() {
        load.reset();
    }

    @ParameterizedTest
    @MethodSource("killed")
    void killedProcessLosesOnlyItsOwnStreams(String role) {
        SplitProcess.Member victim = split.first(role);
        victim.signal(true);
        Duration recovery = load.awaitRound();
        split.awaitSuccessor(victim);
        load.awaitRound();
        System.out.printf("kill -9 of %s: every client served again after %s; %s%n", role, recovery, load);
        assertEquals(List.of(), List.copyOf(load.wrong));
        boolean gateway = role.equals("gateway");
        if (!gateway) {
            assertEquals(0, load.broken.get(), "whole answers broken off");
            assertEquals(0, load.streamsBroken.get(), "streams broken off without a word");
        }
        if (!role.equals("decoder")) {
            assertEquals(0, load.streamsFailed.get(), "streams failed that the role had no part in any more");
        }
        assertTrue(
                recovery.compareTo(EXACT ? PROMISED_RECOVERY : TOLERATED_RECOVERY) < 0,
                "steady again after " + recovery);
    }

    @ParameterizedTest
    @MethodSource("restarted")
    void rollingRestartLosesNothing(String role) {
        split.command("restart " + role, "The " + role + " role was restarted");
        load.awaitRound();
        System.out.printf("rolling restart of %s: %s%n", role, load);
        nothingIsLost();
        assertEquals(0, load.refused.get(), "refusals: there was always one that served");
    }

    @ParameterizedTest
    @MethodSource("toldToEnd")
    void processToldToEndFinishesWhatItHasBegun(String role) {
        SplitProcess.Member told = split.first(role);
        told.signal(false);
        split.awaitSuccessor(told);
        load.awaitRound();
        System.out.printf("SIGTERM of %s: %s%n", role, load);
        assertEquals(List.of(), List.copyOf(load.wrong));
        assertEquals(0, load.streamsBroken.get(), "streams broken off");
        assertEquals(0, load.streamsFailed.get(), "streams failed");
        if (!role.equals("gateway")) {
            // Of a gateway that is away, clients find the port closed and ask again.
            nothingIsLost();
        }
    }

    @Test
    void decodersJoinAndLeave() {
        split.command("decoders 4", "There are 4 decoders now");
        SplitProcess.Member joined = split.members("decoder").getLast();
        Eventually.holds(
                Duration.ofSeconds(30),
                "at work: the decoder that joined",
                () -> joined.operations().metric("tandem_decoder_tokens_total") > 0);
        split.command("decoders 3", "There are 3 decoders now");
        load.awaitRound();
        System.out.printf("one more decoder, and one less: %s%n", load);
        nothingIsLost();
        assertEquals(0, load.refused.get(), "refusals");
    }

    private static void nothingIsLost() {
        assertEquals(List.of(), List.copyOf(load.wrong));
        assertEquals(
                List.of(0, 0, 0),
                List.of(load.broken.get(), load.streamsBroken.get(), load.streamsFailed.get()),
                "broken whole answers, broken and failed streams");
    }

    /** Questions of the demo model's evaluation, with the answers of transformers. */
    static List<SteadyLoad.Question> questions(String model, List<JsonNode> cases, boolean pictures) {
        List<SteadyLoad.Question> questions = new ArrayList<>();
        for (JsonNode one : cases) {
            if (one.toString().contains("\"image\"") == pictures && questions.size() < 40) {
                questions.add(new SteadyLoad.Question(
                        DemoEvaluationIT.request(model, one),
                        one.get("transformers_output").asText()));
            }
        }
        return questions;
    }

    /** Long answers, which are known from asking before anything happens. */
    private static List<SteadyLoad.Question> stories(String model) {
        List<SteadyLoad.Question> stories = new ArrayList<>();
        for (String about : List.of("trains", "recipes", "gardens")) {
            ObjectNode body = Api.JSON.createObjectNode();
            body.put("model", model)
                    .put("temperature", 1.3)
                    .put("seed", 7)
                    .put("max_tokens", LONG_ANSWER_TOKENS)
                    .put("ignore_eos", true);
            body.putArray("messages").addObject().put("role", "user").put("content", "Write a story about " + about);
            String answer = split.api()
                    .post("/v1/chat/completions", body)
                    .at("/choices/0/message/content")
                    .asText();
            stories.add(new SteadyLoad.Question(body, answer));
        }
        return stories;
    }

    static SteadyLoad.Question streamed(SteadyLoad.Question question) {
        return new SteadyLoad.Question(question.body().deepCopy().put("stream", true), question.answer());
    }

    /** The same picture in another file, so that it is looked at again. */
    private static SteadyLoad.Question unique(SteadyLoad.Question question, int number) {
        ObjectNode body = question.body().deepCopy();
        for (JsonNode url : body.findParents("url")) {
            byte[] file = Base64.getDecoder().decode(url.get("url").asText().substring(DATA_URI.length()));
            ((ObjectNode) url)
                    .put(
                            "url",
                            DATA_URI
                                    + Base64.getEncoder()
                                            .encodeToString(PictureBurstIT.withComment(file, "picture " + number)));
        }
        return new SteadyLoad.Question(body, question.answer());
    }
}
