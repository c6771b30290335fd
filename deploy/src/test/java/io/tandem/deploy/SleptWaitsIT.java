package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.bench.capacity.Result;
import io.tandem.deploy.SheetQuestions.Answered;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Waits for a place, as the capacity model says: three decoders whose steps are SIMULATED, they sleep ({@code engine/slept}), and more
 * clients than there are places, so that waits are those for each other and not for the machine's cores. Gateway, routing, cache and
 * streams are the real ones. Held to 15 % where tandem.test.capacity.exact is set, on a machine that does nothing else.
 */
class SleptWaitsIT {

    private static final boolean EXACT = Boolean.getBoolean("tandem.test.capacity.exact");
    private static final double TOLERANCE = EXACT ? 0.15 : 0.5;

    private static final int DECODERS = 3;
    private static final int PLACES = 4;
    private static final int STEP_MILLIS = 50;
    private static final int ANSWER_TOKENS = 16;
    private static final int QUESTIONS = EXACT ? 600 : 240;
    private static final int DOCUMENTS = 60;
    private static final int KINDS = 4;
    /** Two and a half for each place. */
    private static final int CLIENTS = 30;

    private static final String MEMORY = "268435456";

    private static final Map<String, String> ENVIRONMENT =
            SleptLoad.environment(STEP_MILLIS, PLACES, Map.of("TANDEM_DECODER_ENCODER_MEMORY", MEMORY));

    @Test
    void waitsForAPlaceAreThoseOfTheSimulation() throws Exception {
        SheetQuestions questions =
                new SheetQuestions(QUESTIONS, DOCUMENTS, KINDS, CLIENTS, body -> body.put("model", SleptLoad.MODEL)
                        .put("max_tokens", ANSWER_TOKENS)
                        .put("ignore_eos", true));
        try (SplitProcess split = SplitProcess.start(
                "slept-waits",
                ENVIRONMENT,
                "--backend",
                "slept",
                "--served-model-name",
                SleptLoad.MODEL,
                "--decoders",
                Integer.toString(DECODERS))) {
            long start = System.nanoTime();
            List<Answered> answers = questions.ask(split.api());
            double perSecond = QUESTIONS / ((System.nanoTime() - start) / 1e9);
            answers.forEach(
                    answer -> assertEquals(ANSWER_TOKENS, answer.tokens().size()));

            SplitCapacity capacity = new SplitCapacity(split, Long.parseLong(MEMORY), PLACES);
            Result simulated = capacity.simulate(questions, answers);
            double wait = capacity.meanWait();
            double simulatedWait = simulated.waits().queue().mean();
            System.out.printf(
                    "mean wait for a place %.3f s, simulated %.3f s; questions a second %.2f, simulated %.2f;"
                            + " decoders SIMULATED, steps of %d ms%n",
                    wait, simulatedWait, perSecond, simulated.pace().requests(), STEP_MILLIS);
            assertTrue(wait > STEP_MILLIS * ANSWER_TOKENS / 2e3, "a wait of " + wait + " s says nothing of the queue");
            assertEquals(simulatedWait, wait, TOLERANCE * wait, "mean wait");
            assertEquals(simulated.pace().requests(), perSecond, TOLERANCE * perSecond, "questions a second");
        }
    }
}
