package io.tandem.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.contract.decoder.v1.Beams;
import io.tandem.contract.decoder.v1.Beams.EarlyStopping;
import io.tandem.contract.decoder.v1.Finished.Reason;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.checkpoint.GoldenTensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Beam search of the real model behind the service: the golden cases, and options of {@code generate} on the prompt of the case
 * "beam". Of those the tokens stand here as transformers 5.23 (fp32, eager, CPU) found them, with three beams, 20 new tokens and the
 * stop tokens of "beam-stop" unless the name says otherwise.
 */
@Timeout(120)
class TransformersBeamsTest {

    /** Few enough that searches, all at once, have to give theirs back. */
    private static final int PAGES = 60;

    @ParameterizedTest
    @CsvSource({"text-sliding,reference", "text-sliding,cpu", "text-sliding-odd,cpu", "softcap,cpu"})
    void goldenCasesHaveTheGoldenBeams(String folder, String backend) throws Exception {
        try (GoldenDecoder decoder = new GoldenDecoder(folder, backend, PAGES)) {
            Map<GoldenCase, Answer> answers = new LinkedHashMap<>();
            for (String name : List.of("beam", "beam-stop")) {
                GoldenCase golden = GoldenCases.open(folder).named(name);
                GenerateRequest.Builder request = decoder.request(golden);
                // Those replace the model's own.
                request.getLimitsBuilder()
                        .setIgnoreEos(!golden.generate("eos_token_id").isMissingNode());
                golden.generate("eos_token_id")
                        .forEach(token -> request.getLimitsBuilder().addStopTokenIds(token.asInt()));
                request.setBeams(Beams.newBuilder().setWidth(4).setAnswers(4));
                answers.put(golden, decoder.server().call(request.build()));
            }
            for (Map.Entry<GoldenCase, Answer> answer : answers.entrySet()) {
                assertEquals(
                        tokens(answer.getKey()),
                        answer.getValue().toEnd().answers(),
                        answer.getKey().name());
            }
            assertEquals(List.of(), decoder.server().leftovers());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void optionsMeanWhatTheyMeanThere(String backend) throws Exception {
        GoldenCase golden = GoldenCases.open("text-sliding").named("beam");
        List<Integer> stops = IntStream.concat(IntStream.of(1), IntStream.range(60, 84))
                .boxed()
                .toList();
        try (GoldenDecoder decoder = new GoldenDecoder("text-sliding", backend, PAGES)) {
            for (Expected expected : expected()) {
                GenerateRequest.Builder request = decoder.request(golden);
                request.getLimitsBuilder()
                        .setMaxTokens(20)
                        .addAllStopTokenIds(stops)
                        .setIgnoreEos(true);
                request.getBeamsBuilder().setWidth(3).setAnswers(3);
                expected.change.accept(request);
                Answer answer = decoder.server().call(request.build()).toEnd();
                assertEquals(expected.answers, answer.answers(), expected.name);
                List<Reason> reasons = expected.answers.stream()
                        .map(tokens -> stops.contains(tokens.getLast()) ? Reason.REASON_STOP : Reason.REASON_LENGTH)
                        .toList();
                assertEquals(reasons, answer.reasons(), expected.name);
            }
            assertEquals(List.of(), decoder.server().leftovers());
        }
    }

    private static List<List<Integer>> tokens(GoldenCase golden) {
        GoldenTensor tokens = golden.tensor("tokens");
        int columns = tokens.shape()[1];
        int[] lengths = golden.tensor("lengths").ints();
        return IntStream.range(0, lengths.length)
                .mapToObj(row -> Arrays.stream(tokens.ints(), row * columns, row * columns + lengths[row])
                        .boxed()
                        .toList())
                .toList();
    }

    private static List<Expected> expected() {
        return List.of(
                new Expected(
                        "early_stopping True",
                        request -> request.getBeamsBuilder().setEarlyStopping(EarlyStopping.EARLY_STOPPING_WHEN_FULL),
                        "395 244 63",
                        "395 244 303 507 368 28 81",
                        "395 244 303 507 472 116 395 217 201 64"),
                new Expected(
                        "early_stopping False",
                        request -> {},
                        "395 244 63",
                        "395 244 303 507 472 116 395 217 304 227 107 227 107 28 113 81",
                        "395 244 303 507 472 116 395 432 29 347 204 449 63"),
                new Expected(
                        "early_stopping never",
                        request ->
                                request.getBeamsBuilder().setEarlyStopping(EarlyStopping.EARLY_STOPPING_WHEN_HOPELESS),
                        "395 244 63",
                        "395 244 303 507 472 116 395 217 304 227 107 227 107 28 113 81",
                        "395 244 303 507 472 116 395 432 29 347 204 26 278 164 259 201 473 143 217 132"),
                new Expected(
                        "length_penalty 2",
                        request -> request.getBeamsBuilder().setLengthPenalty(2),
                        "395 244 303 507 472 116 395 432 29 347 204 26 278 164 259 201 473 143 217 132",
                        "395 244 303 507 472 116 395 432 29 347 204 26 278 164 259 201 90 7 508 4",
                        "395 244 303 507 472 116 395 432 29 347 204 26 278 164 259 201 473 143 191 188"),
                new Expected(
                        "length_penalty 0",
                        request -> request.getBeamsBuilder().setLengthPenalty(0),
                        "395 244 63",
                        "395 244 303 507 368 28 81",
                        "395 244 303 507 472 116 395 217 201 64"),
                new Expected(
                        "length_penalty -1",
                        request -> request.getBeamsBuilder().setLengthPenalty(-1),
                        "395 244 63",
                        "395 244 303 507 368 28 81",
                        "395 244 303 507 472 116 395 217 201 64"),
                new Expected(
                        "num_beams 8, num_return_sequences 2",
                        request -> request.getBeamsBuilder().setWidth(8).setAnswers(2),
                        "395 244 63",
                        "123 123 397 347 106 112 108 151 76"),
                new Expected(
                        "num_beams 2, num_return_sequences 1",
                        request -> request.getBeamsBuilder().setWidth(2).setAnswers(1),
                        "395 244 63"),
                new Expected(
                        "repetition_penalty 1.5",
                        request -> request.getSamplingBuilder().setRepetitionPenalty(1.5f),
                        "395 244 63",
                        "395 244 303 507 368 28 81",
                        "395 244 303 507 472 116 395 217 201 64"),
                new Expected(
                        "min_new_tokens 9",
                        request -> request.getLimitsBuilder().setMinTokens(9),
                        "395 244 303 507 472 116 395 217 304 227 107 227 107 28 113 81",
                        "395 244 303 507 472 116 395 432 29 347 204 449 63",
                        "395 244 303 507 472 116 395 432 29 347 204 26 278 164 259 201 493 64"),
                new Expected(
                        "behind a prefix",
                        request -> request.getPrefixTokenIdsBuilder().addAllIds(List.of(17, 31, 5)),
                        "15 313 18 112 164 347 204 4 235 189 93 107 204 187 63",
                        "343 231 52 7 16 7 50 112 50 197 107 28 211 128 10 354 482 354 64",
                        "343 231 52 7 16 7 50 112 50 197 107 433 63"));
    }

    @FunctionalInterface
    private interface Change {
        void accept(GenerateRequest.Builder request);
    }

    /** What comes of a change to the request, best answer first. */
    private record Expected(String name, Change change, List<List<Integer>> answers) {

        /** @param answers tokens with blanks between them */
        private Expected(String name, Change change, String... answers) {
            this(
                    name,
                    change,
                    Arrays.stream(answers)
                            .map(answer -> Arrays.stream(answer.split(" "))
                                    .map(Integer::valueOf)
                                    .toList())
                            .toList());
        }
    }
}
