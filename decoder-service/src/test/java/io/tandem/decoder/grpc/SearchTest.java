package io.tandem.decoder.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.Beams;
import io.tandem.contract.decoder.v1.Finished.Reason;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.decoder.Answer;
import io.tandem.decoder.TestConfig;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Beam searches over a real server: what is sent, and what is refused. */
@Timeout(60)
class SearchTest extends ServedDecoder {

    @Test
    void answersComeOneAfterTheOtherEachWithItsEnd() throws Exception {
        open(TestConfig.ROOMY);
        Answer answer = server.call(search(3, 2).setReturnTokenIds(true).build());
        assertTrue(answer.next().hasStarted());
        for (int number = 0; number < 2; number++) {
            GenerateEvent delta = answer.next();
            assertEquals(number, delta.getAnswer());
            assertEquals(6, delta.getDelta().getTokenIdsCount());
            assertEquals(
                    text(delta.getDelta().getTokenIdsList()), delta.getDelta().getText());
            GenerateEvent end = answer.next();
            assertEquals(number, end.getAnswer());
            assertEquals(6, end.getFinished().getCompletionTokens());
            assertEquals(Reason.REASON_LENGTH, end.getFinished().getReason());
        }
        answer.toEnd();
        assertEquals(2, answer.answers().stream().distinct().count());
    }

    @Test
    void aSearchWithoutALimitTakesWhatAllItsBeamsHavePagesFor() throws Exception {
        open(TestConfig.ROOMY, CONTEXT, 12);
        GenerateRequest.Builder endless = search(3, 3);
        endless.getLimitsBuilder().setMaxTokens(0);
        Answer answer = server.call(endless.build()).toEnd();
        assertEquals(16, answer.finished().getCompletionTokens());
    }

    @Test
    void whoCancelsASearchLeavesNothing() throws Exception {
        open(TestConfig.ROOMY);
        CountDownLatch goOn = new CountDownLatch(1);
        Answer answer = server.call(search(4, 4).build());
        assertTrue(answer.next().hasStarted());
        holdSteps(3, () -> await(goOn));
        answer.cancel();
        server.awaitCancelled();
        goOn.countDown();
    }

    @Test
    void whatDoesNotGoWithASearchIsRefusedByName() throws Exception {
        open(TestConfig.ROOMY);
        assertRefused("logprobs", search(3, 1).setLogprobs(0));
        assertRefused(
                "temperature", search(3, 1).setSampling(Sampling.newBuilder().setTemperature(1)));
        GenerateRequest.Builder stopping = search(3, 1);
        stopping.getLimitsBuilder().addStop("x");
        assertRefused("stop", stopping);
        assertRefused("best_of", search(1, 1));
        assertRefused("best_of", search(9, 1));
        assertRefused("n", search(3, 4));
        GenerateRequest.Builder penalised = search(3, 1);
        penalised.getBeamsBuilder().setLengthPenalty(Float.NaN);
        assertRefused("length_penalty", penalised);
        GenerateRequest.Builder unknown = search(3, 1);
        unknown.getBeamsBuilder().setEarlyStoppingValue(7);
        assertRefused("early_stopping", unknown);
    }

    private void assertRefused(String param, GenerateRequest.Builder request) throws Exception {
        TandemException refusal = server.call(request.build()).toError();
        assertEquals(ErrorCode.INVALID_REQUEST, refusal.code(), refusal.getMessage());
        assertEquals(Optional.of(param), refusal.param(), refusal.getMessage());
    }

    private static GenerateRequest.Builder search(int width, int answers) {
        return request(3, 6).setBeams(Beams.newBuilder().setWidth(width).setAnswers(answers));
    }
}
