package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.bench.capacity.Result;
import io.tandem.deploy.SheetQuestions.Answered;
import io.tandem.engine.ops.KvShape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Many questions about few documents, with several decoders, each with room for a few of them: every document is read once, answers are
 * those of the all-in-one app, and documents are found in decoders as often as the capacity model says. The number of questions is the
 * property tandem.test.questions; throughput is held against the model too when tandem.test.capacity.exact is set, on a machine that does
 * nothing else. Waits are only printed: nobody waits for a place here, see {@link SleptWaitsIT}.
 */
class SplitDocumentsIT {

    private static final int QUESTIONS = Integer.getInteger("tandem.test.questions", 200);
    private static final boolean EXACT = Boolean.getBoolean("tandem.test.capacity.exact");
    private static final int DOCUMENTS = QUESTIONS < 1000 ? 20 : 50;

    /** Different questions, each a text of its own to be read. */
    private static final int KINDS = Math.min(20, Math.ceilDiv(QUESTIONS, DOCUMENTS));

    /** {@code tandem.decoder.max-batch}, as it is unless set: more than anybody asks for at a time. */
    private static final int PLACES = 32;

    /** Two for each decoder: waits for room would depend on how fast the machine is, and hits on them. */
    private static final int AT_ONCE = 6;
    /** Documents with their questions for which a decoder has room: three fifths of those that it is asked about. */
    private static final int ROOM = DOCUMENTS / 5;

    /** Beside other work, processes wait for cores and not for each other, which the model knows nothing of. */
    private static final double TOLERANCE = EXACT ? 0.15 : 0.5;

    private static final String WRITES = "tandem_cache_writes_total";

    @Test
    void everyDocumentIsReadOnceAndAnsweredAsByOneProcess() throws Exception {
        SheetQuestions questions =
                new SheetQuestions(QUESTIONS, DOCUMENTS, KINDS, AT_ONCE, body -> body.put("model", "demo-model")
                        .put("max_tokens", 24));
        List<Answered> expected = expected(questions);
        Map<String, String> room = Map.of("TANDEM_DECODER_ENCODER_MEMORY", String.valueOf(room(expected)));
        try (SplitProcess split = SplitProcess.start("split-documents", room, "--decoders", "3", "--encoders", "2")) {
            double writes = split.metric("encoder", WRITES);
            long start = System.nanoTime();
            List<Answered> answers = questions.ask(split.api());
            double seconds = (System.nanoTime() - start) / 1e9;

            assertEquals(tokens(expected), tokens(answers));
            assertEquals(DOCUMENTS + KINDS, split.metric("encoder", WRITES) - writes, "states made");
            List<Double> shares = split.members("decoder").stream()
                    .map(member -> member.operations().metric("tandem_decoder_tokens_total"))
                    .toList();
            System.out.printf(
                    "%d questions about %d documents: tokens written by each decoder: %s%n",
                    QUESTIONS, DOCUMENTS, shares);
            assertTrue(shares.stream().allMatch(share -> share > 0), "all decoders work: " + shares);
            compare(new SplitCapacity(split, room(expected), PLACES), questions, answers, seconds);
            assertEquals(DOCUMENTS + KINDS, split.metric("encoder", WRITES) - writes, "and none to look at keys");
        }
    }

    private static void compare(
            SplitCapacity capacity, SheetQuestions questions, List<Answered> answers, double seconds) {
        Result simulated = capacity.simulate(questions, answers);
        double perSecond = simulated.pace().requests();
        System.out.printf(
                "found in decoders %.3f of segments and %.3f of tokens, simulated %.3f and %.3f;"
                        + " questions a second %.1f, simulated %.1f; mean wait %.4f s, simulated %.4f s%n",
                capacity.residentSegments(),
                capacity.residentTokens(),
                simulated.segments().rate(),
                simulated.tokens().rate(),
                QUESTIONS / seconds,
                perSecond,
                capacity.meanWait(),
                simulated.waits().queue().mean());
        assertEquals(2 * QUESTIONS, capacity.segments(), "document and question of each request");
        double documents = capacity.residentTokens();
        assertTrue(documents > 0.1 && documents < 0.9, documents + " says nothing about what has to make room");
        assertClose(simulated.segments().rate(), capacity.residentSegments(), "segments found in decoders");
        assertClose(simulated.tokens().rate(), documents, "tokens found in decoders");
        if (EXACT) {
            assertClose(perSecond, QUESTIONS / seconds, "questions a second");
        }
    }

    private static void assertClose(double simulated, double measured, String what) {
        assertEquals(simulated, measured, TOLERANCE * measured, what);
    }

    /** Bytes of a few documents and questions: with fewer there would be waits for room only, with more nothing would have to go. */
    private static long room(List<Answered> expected) {
        JsonNode decoder = Api.config(TandemProcess.demoModel()).get("decoder");
        KvShape shape = new KvShape(
                decoder.get("num_hidden_layers").asInt(),
                decoder.get("num_key_value_heads").asInt(),
                decoder.get("head_dim").asInt());
        int longest = expected.stream().mapToInt(Answered::promptTokens).max().orElseThrow();
        return shape.bytesPerToken() * longest * ROOM;
    }

    private static List<Answered> expected(SheetQuestions questions) throws Exception {
        try (TandemProcess together = TandemProcess.start("split-reference", TandemProcess.demoModel())) {
            return questions.ask(together.api());
        }
    }

    private static List<JsonNode> tokens(List<Answered> answers) {
        return answers.stream().map(Answered::tokens).toList();
    }
}
