package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.TokenLogprob;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Options of {@code generate} that change logits, on the prompt of the golden case "beam": the tokens stand here as transformers
 * 5.23 (fp32, eager, CPU) wrote them with {@code repetition_penalty}, {@code sequence_bias} and {@code min_new_tokens}.
 */
@Timeout(120)
class TransformersOptionsTest {

    @ParameterizedTest
    @CsvSource({"text-sliding,reference", "text-sliding,cpu", "softcap,reference", "softcap,cpu"})
    void greedyAnswersFollowThem(String folder, String backend) throws Exception {
        GoldenCase golden = GoldenCases.open(folder).named("beam");
        try (GoldenDecoder decoder = new GoldenDecoder(folder, backend, 64)) {
            for (Expected expected : folder.equals("softcap") ? softcap() : textSliding()) {
                GenerateRequest.Builder request = decoder.request(golden);
                request.getLimitsBuilder().setMaxTokens(expected.tokens.size());
                expected.change.accept(request);
                assertEquals(
                        expected.tokens,
                        decoder.server().call(request.build()).toEnd().tokens(),
                        expected.name);
            }
            assertEquals(List.of(), decoder.server().leftovers());
        }
    }

    /** In the golden data stand the eight best tokens of every step with log softmax of their logits. */
    @ParameterizedTest
    @CsvSource({"text-sliding,reference", "text-sliding,cpu", "softcap,cpu"})
    void logProbabilitiesAreThoseOfTheReference(String folder, String backend) throws Exception {
        GoldenCase golden = GoldenCases.open(folder).named("short");
        int[] ids = golden.tensor("top.ids").ints();
        float[] logprobs = golden.tensor("top.logprobs").floats();
        try (GoldenDecoder decoder = new GoldenDecoder(folder, backend, 64)) {
            Answer answer = decoder.server()
                    .call(decoder.request(golden).setLogprobs(8).build())
                    .toEnd();
            assertEquals(golden.tensor("lengths").ints()[0], answer.logprobs().size());
            for (int token = 0; token < answer.logprobs().size(); token++) {
                TokenLogprob told = answer.logprobs().get(token);
                assertEquals(told.getToken(), told.getTop(0), "greedy");
                for (int i = 0; i < 8; i++) {
                    assertEquals(ids[8 * token + i], told.getTop(i).getId());
                    assertEquals(logprobs[8 * token + i], told.getTop(i).getLogprob(), 1e-4);
                }
            }
        }
    }

    private static List<Expected> textSliding() {
        return List.of(
                new Expected(
                        "repetition_penalty 1.5",
                        request -> request.getSamplingBuilder().setRepetitionPenalty(1.5f),
                        395,
                        244,
                        63,
                        112,
                        487,
                        16,
                        7,
                        478,
                        341,
                        368,
                        231,
                        297),
                new Expected(
                        "repetition_penalty 0.7",
                        request -> request.getSamplingBuilder().setRepetitionPenalty(0.7f),
                        395,
                        244,
                        63,
                        63,
                        244,
                        63,
                        368,
                        107,
                        63,
                        395,
                        116,
                        395),
                new Expected(
                        "repetition_penalty 1.5 behind a prefix",
                        request -> {
                            request.getSamplingBuilder().setRepetitionPenalty(1.5f);
                            request.getPrefixTokenIdsBuilder().addAllIds(List.of(395, 244, 63));
                        },
                        112,
                        487,
                        16,
                        7,
                        478,
                        341,
                        368,
                        231),
                new Expected(
                        "sequence_bias",
                        request -> request.getSamplingBuilder()
                                .putLogitBias(395, -5)
                                .putLogitBias(63, -1.5f),
                        228,
                        108,
                        368,
                        216,
                        393,
                        437,
                        16,
                        128,
                        123,
                        314,
                        458,
                        204),
                new Expected(
                        "repetition_penalty 2 and sequence_bias",
                        request -> request.getSamplingBuilder()
                                .setRepetitionPenalty(2)
                                .putLogitBias(244, 3),
                        395,
                        244,
                        63,
                        112,
                        487,
                        16,
                        7,
                        478,
                        341,
                        368,
                        231,
                        297),
                new Expected(
                        "min_new_tokens 7",
                        request ->
                                request.getLimitsBuilder().addStopTokenIds(112).setMinTokens(7),
                        395,
                        244,
                        63,
                        63,
                        368,
                        107,
                        166,
                        354,
                        488,
                        50,
                        112));
    }

    private static List<Expected> softcap() {
        return List.of(
                new Expected(
                        "repetition_penalty 1.5",
                        request -> request.getSamplingBuilder().setRepetitionPenalty(1.5f),
                        90,
                        144,
                        392,
                        204,
                        184,
                        228,
                        32,
                        294,
                        171,
                        52,
                        16,
                        298),
                new Expected(
                        "repetition_penalty 0.7, which the start token feels too",
                        request -> request.getSamplingBuilder().setRepetitionPenalty(0.7f),
                        2,
                        2,
                        2,
                        2,
                        2,
                        2),
                new Expected(
                        "min_new_tokens 7",
                        request ->
                                request.getLimitsBuilder().addStopTokenIds(179).setMinTokens(7),
                        90,
                        90,
                        16,
                        90,
                        79,
                        73,
                        335,
                        37,
                        402,
                        144,
                        90,
                        144));
    }

    @FunctionalInterface
    private interface Change {
        void accept(GenerateRequest.Builder request);
    }

    /** What comes of a change to the request. */
    private record Expected(String name, Change change, List<Integer> tokens) {

        private Expected(String name, Change change, Integer... tokens) {
            this(name, change, List.of(tokens));
        }
    }
}
