package io.tandem.decoder.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.decoder.v1.Finished.Reason;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.contract.encoder.v1.TokenIds;
import io.tandem.decoder.Answer;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.TestConfig;
import io.tandem.engine.sampling.SamplingParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls over a real server, on a model of one line and the demo checkpoint's tokenizer. */
@Timeout(60)
class StreamingTest extends ServedDecoder {

    @Test
    void anAnswerHasItsEventsInOrder() throws Exception {
        open(TestConfig.ROOMY);
        Answer answer = server.call(request(3, 10).setReturnTokenIds(true).build());
        assertTrue(answer.next().hasStarted());
        int told = 0;
        for (GenerateEvent event = answer.next(); event.hasDelta(); event = answer.next()) {
            told += event.getDelta().getTokenIdsCount();
            assertEquals(told, event.getDelta().getCompletionTokens(), "what the answer has cost so far");
        }
        assertEquals(10, told);
        answer.toEnd();
        List<Integer> expected = greedy(10, 3);
        assertEquals(expected, answer.tokens());
        assertEquals(text(expected), answer.text());
        assertEquals(Reason.REASON_LENGTH, answer.finished().getReason());
        assertEquals(10, answer.finished().getCompletionTokens());
        assertEquals(0, answer.started().getResidentTokens());
        Answer again = server.call(request(3, 10).build()).toEnd();
        assertEquals(3, again.started().getResidentTokens());
        assertEquals(List.of(), again.tokens(), "ids come only when asked for");
        assertEquals(1, store.reads());
        assertEquals(20, server.counter("tokens"));
    }

    @Test
    void withoutALimitAnAnswerFillsTheContext() throws Exception {
        open(TestConfig.ROOMY);
        Answer answer = server.call(request(3, 0)
                        .setPrefixTokenIds(TokenIds.newBuilder().addAllIds(List.of(20, 21, 22)))
                        .build())
                .toEnd();
        assertEquals(CONTEXT - 4, answer.finished().getCompletionTokens());
    }

    @Test
    void aStopStringEndsTheAnswerEvenAcrossTokens() throws Exception {
        open(TestConfig.ROOMY);
        List<Integer> endless = greedy(30, 4);
        String whole = text(endless);
        String stop = whole.substring(whole.length() / 2, whole.length() / 2 + 5);
        Answer answer = server.call(request(4, 30)
                        .setLimits(Limits.newBuilder()
                                .setMaxTokens(30)
                                .addStop("never")
                                .addStop(stop))
                        .setReturnTokenIds(true)
                        .build())
                .toEnd();
        assertEquals(whole.substring(0, whole.indexOf(stop)), answer.text());
        assertEquals(Reason.REASON_STOP, answer.finished().getReason());
        int tokens = answer.finished().getCompletionTokens();
        assertEquals(endless.subList(0, tokens), answer.tokens(), "tokens behind it are neither sent nor counted");
        assertTrue(text(endless.subList(0, tokens)).contains(stop));
        assertFalse(text(endless.subList(0, tokens - 1)).contains(stop));
    }

    /** Wherever it ends: with guesses, several tokens come from one step, and those behind the stop string are dropped. */
    @Test
    void aStopStringAmongRightGuessesEndsTheAnswerAsItDoesWithoutThem() throws Exception {
        open(TestConfig.ROOMY);
        List<Integer> endless = greedy(30, 4);
        GenerateRequest.Builder guessing = request(4, 30);
        guessing.getSegmentsBuilder(0).addAllTokenIds(endless);
        String whole = text(endless);
        for (int at = 10; at < whole.length() - 2; at += whole.length() / 8) {
            String stop = whole.substring(at, at + 2);
            Limits limits = Limits.newBuilder().setMaxTokens(30).addStop(stop).build();
            Answer plain = server.call(request(4, 30).setLimits(limits).build()).toEnd();
            Answer guessed = server.call(guessing.setLimits(limits).build()).toEnd();
            assertEquals(plain.text(), guessed.text());
            assertEquals(plain.finished().getReason(), guessed.finished().getReason());
            assertEquals(
                    plain.finished().getCompletionTokens(), guessed.finished().getCompletionTokens());
        }
        assertTrue(server.counter("speculation.accepted") > 40, "guesses were right");
    }

    @Test
    void aStopTokenIsCountedAndReturnedButNotPartOfTheText() throws Exception {
        open(TestConfig.ROOMY);
        List<Integer> endless = greedy(30, 4);
        int stop = endless.get(12);
        List<Integer> expected = endless.subList(0, endless.indexOf(stop) + 1);
        Answer answer = server.call(request(4, 30)
                        .setLimits(Limits.newBuilder().setMaxTokens(30).addStopTokenIds(stop))
                        .setReturnTokenIds(true)
                        .build())
                .toEnd();
        assertEquals(expected, answer.tokens());
        assertEquals(expected.size(), answer.finished().getCompletionTokens());
        assertEquals(text(expected.subList(0, expected.size() - 1)), answer.text());
        assertEquals(Reason.REASON_STOP, answer.finished().getReason());
    }

    @Test
    void aPrefixIsForcedAndNotRepeated() throws Exception {
        open(TestConfig.ROOMY);
        int[] prefix = tokenizer.encodeWithoutSpecial("The answer is");
        SamplingParameters drawn = new SamplingParameters(0.8f, 0.95f, 50, 0, 42);
        List<Integer> expected = FakeModel.output(hashes(5, 2), prefix, 12, drawn, tokenizer.vocabularySize());
        Answer answer = server.call(request(5, 12)
                        .addSegments(segment(2))
                        .setPrefixText("The answer is")
                        .setSampling(Sampling.newBuilder()
                                .setTemperature(0.8f)
                                .setTopP(0.95f)
                                .setTopK(50)
                                .setSeed(42))
                        .setReturnTokenIds(true)
                        .build())
                .toEnd();
        assertEquals(expected, answer.tokens());
    }

    @Test
    void mixedConcurrentCallsGetWhatTheyGetOneByOne() throws Exception {
        open(new TestConfig(30, 64, 6, 8, Duration.ofSeconds(10)));
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            Answer answer = server.call(mixed(i));
            if (i % 4 == 3) {
                assertTrue(answer.next().hasStarted());
                answer.cancel();
            }
            answers.add(answer);
        }
        for (int i = 0; i < answers.size(); i++) {
            if (i % 4 != 3) {
                assertEquals(mixedExpected(i), answers.get(i).toEnd().tokens(), "call " + i);
            }
        }
        assertEquals(List.of(), server.leftovers());
        // One that was cancelled late may have been answered before.
        assertEquals(32, server.ended("ok") + server.ended("cancelled"));
        assertTrue(server.ended("cancelled") > 0);
    }

    @Test
    void aCancelledCallIsGoneBeforeTheNextStep() throws Exception {
        open(TestConfig.ROOMY);
        CountDownLatch inStep = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger steps = new AtomicInteger();
        holdSteps(3, () -> {
            steps.incrementAndGet();
            inStep.countDown();
            await(goOn);
        });
        Answer answer = server.call(request(3, 50).build());
        await(inStep);
        answer.cancel();
        server.awaitCancelled();
        goOn.countDown();
        assertEquals(List.of(), server.leftovers());
        assertEquals(1, steps.get());
        assertEquals(1, server.ended("cancelled"));
    }

    @Test
    void aCallPastItsDeadlineIsGone() throws Exception {
        open(TestConfig.ROOMY);
        CountDownLatch goOn = new CountDownLatch(1);
        holdSteps(3, () -> await(goOn));
        Answer answer = server.call(request(3, 0).build(), Duration.ofMillis(200));
        assertEquals(ErrorCode.DEADLINE_EXCEEDED, answer.toError().code());
        server.awaitCancelled();
        goOn.countDown();
        assertEquals(List.of(), server.leftovers());
        assertEquals(1, server.ended("deadline_exceeded") + server.ended("cancelled"), "whose clock was first");
    }

    @Test
    void aSlowClientHoldsNobodyUpAndMissesNothing() throws Exception {
        // The batch has one place: the quick call gets it only because the slow one has left it.
        open(new TestConfig(200, 64, 1, 8, Duration.ofSeconds(10)), 1500, 400);
        Answer slow = server.call(request(3, 1400).setReturnTokenIds(true).build());
        assertTrue(slow.next().hasStarted());
        Answer quick =
                server.call(request(4, 20).setReturnTokenIds(true).build()).toEnd();
        assertEquals(greedy(20, 4), quick.tokens());
        double written = server.counter("tokens");
        assertTrue(written < 1400, () -> written + " tokens were written for a client that takes none");
        assertEquals(greedy(1400, 3), slow.toEnd().tokens());
    }

    private GenerateRequest mixed(int i) {
        GenerateRequest.Builder request = request(1 + i % 5, 5 + i % 17).setReturnTokenIds(true);
        if (i % 3 == 0) {
            request.addSegments(segment(6 + i % 2));
        }
        if (i % 2 == 0) {
            request.setSampling(
                    Sampling.newBuilder().setTemperature(1.1f).setTopP(0.9f).setSeed(i));
        }
        if (i % 5 == 0) {
            request.setPrefixTokenIds(TokenIds.newBuilder().addAllIds(prefix(i)));
        }
        return request.build();
    }

    private List<Integer> mixedExpected(int i) {
        List<Long> hashes = i % 3 == 0 ? hashes(1 + i % 5, 6 + i % 2) : hashes(1 + i % 5);
        SamplingParameters sampling =
                i % 2 == 0 ? new SamplingParameters(1.1f, 0.9f, 0, 0, i) : SamplingParameters.GREEDY;
        int[] prefix =
                i % 5 == 0 ? prefix(i).stream().mapToInt(Integer::intValue).toArray() : new int[0];
        return FakeModel.output(hashes, prefix, 5 + i % 17, sampling, tokenizer.vocabularySize());
    }

    private static List<Integer> prefix(int i) {
        return List.of(
                100 + i, 200 + i, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 311, 312, 313, 314, 315);
    }
}
