package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.cache.ByteSize;
import io.tandem.cache.ContentKey;
import io.tandem.cache.StateStore;
import io.tandem.cache.StateStores;
import io.tandem.cache.StateWriter;
import io.tandem.decoder.config.AbsorbFrom;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The real model behind the service: encoded prompts through the real store, all cases at once over so few pages
 * that sequences have to give theirs back, and the tokens that transformers computed.
 */
@Timeout(120)
class GoldenAnswersTest {

    private static final String FOLDER = "text-sliding";
    private static final int PAGES = 24;

    @ParameterizedTest
    @CsvSource({"reference,never", "reference,1", "cpu,never", "cpu,1", "cpu,12"})
    void allCasesAtOnceGiveTheTokensOfTransformers(String backend, String absorbFrom) throws Exception {
        GoldenCases golden = GoldenCases.open(FOLDER);
        try (GoldenDecoder decoder = new GoldenDecoder(FOLDER, backend, PAGES, AbsorbFrom.parse(absorbFrom))) {
            Map<GoldenCase, Answer> answers = new LinkedHashMap<>();
            for (GoldenCase each : golden.cases()) {
                if (isGreedyAlone(each)) {
                    answers.put(
                            each, decoder.server().call(decoder.request(each).build()));
                }
            }
            assertEquals(6, answers.size());
            for (Map.Entry<GoldenCase, Answer> entry : answers.entrySet()) {
                assertEquals(
                        tokens(entry.getKey()),
                        entry.getValue().toEnd().tokens(),
                        entry.getKey().name());
            }
            assertEquals(List.of(), decoder.server().leftovers());
        }
    }

    /** One row, greedy, on the weights as they are. */
    private static boolean isGreedyAlone(GoldenCase golden) {
        boolean alone = golden.tensor("tokens").shape()[0] == 1;
        return alone && golden.generate("num_beams").isMissingNode() && !golden.bfloat16Weights();
    }

    private static List<Integer> tokens(GoldenCase golden) {
        int length = golden.tensor("lengths").ints()[0];
        return Arrays.stream(golden.tensor("tokens").ints())
                .limit(length)
                .boxed()
                .toList();
    }

    /** A store for what tests encode. */
    static StateStore smallStore() {
        return StateStores.openLocal(ByteSize.parse("16M"), ByteSize.parse("1K"));
    }

    /** @param states [rows, hiddenSize] */
    static void store(StateStore store, ContentKey key, float[] states, int rows) {
        try (StateWriter writer = store.write(key, rows, states.length / rows)) {
            writer.append(states, 0, rows);
            writer.commit();
        }
    }
}
