package io.tandem.decoder.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.encoder.v1.TokenIds;
import io.tandem.decoder.Answer;
import io.tandem.decoder.FakeStateStore;
import io.tandem.decoder.TestConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is refused or fails, how it is told, and that it leaves nothing behind. */
@Timeout(60)
class RefusalTest extends ServedDecoder {

    @Test
    void aLostStateHasItsOwnCode() throws Exception {
        open(TestConfig.ROOMY);
        store.lose(FakeStateStore.key(6), 1);
        assertRefused(ErrorCode.STATE_LOST, null, request(6, 5));
        assertRefused(ErrorCode.STATE_LOST, null, request(3, 5).addSegments(segment(99)));
        server.call(request(3, 5).build()).toEnd();
    }

    @Test
    void statesOfAnotherModelAreNotReadAsOnesOfThis() throws Exception {
        open(TestConfig.ROOMY);
        TandemException refusal =
                assertRefused(ErrorCode.MODEL_MISMATCH, null, request(3, 5).setModel("another"));
        assertTrue(
                refusal.getMessage().contains("another") && refusal.getMessage().contains(MODEL), refusal.getMessage());
        assertRefused(ErrorCode.MODEL_MISMATCH, null, request(3, 5).clearModel());
        assertEquals(Status.Code.UNAVAILABLE, refusal.code().grpcStatus(), "another decoder is asked");
    }

    @Test
    void fieldsOutOfRangeAreNamed() throws Exception {
        open(TestConfig.ROOMY);
        Segment shortKey = Segment.newBuilder()
                .setKey(ByteString.copyFromUtf8("short"))
                .setTokens(1)
                .build();
        ErrorCode invalid = ErrorCode.INVALID_REQUEST;
        assertRefused(invalid, "segments", request(3, 5).clearSegments());
        assertRefused(invalid, "segments", request(3, 5).clearSegments().addSegments(shortKey));
        assertRefused(
                invalid,
                "segments",
                request(3, 5).setSegments(0, segment(3).toBuilder().setTokens(4).build()));
        assertRefused(invalid, "max_tokens", request(3, -1));
        assertRefused(
                invalid, "stop[0]", request(3, 5).setLimits(Limits.newBuilder().addStop("")));
        assertRefused(
                invalid,
                "stop_token_ids",
                request(3, 5).setLimits(Limits.newBuilder().addStopTokenIds(1 << 20)));
        assertRefused(
                invalid,
                "decoder_prefix",
                request(3, 5).setPrefixTokenIds(TokenIds.newBuilder().addIds(-1)));
        assertRefused(
                invalid,
                "temperature",
                request(3, 5).setSampling(Sampling.newBuilder().setTemperature(-1)));
        assertRefused(
                invalid,
                "top_p",
                request(3, 5).setSampling(Sampling.newBuilder().setTopP(0)));
    }

    @Test
    void moreThanTheContextIsRefusedWithTheNumbers() throws Exception {
        open(TestConfig.ROOMY);
        TandemException refusal = assertRefused(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "max_tokens", request(3, CONTEXT));
        assertTrue(refusal.getMessage().contains("64"), refusal.getMessage());
        TokenIds.Builder prefix = TokenIds.newBuilder();
        for (int i = 0; i < CONTEXT - 1; i++) {
            prefix.addIds(50);
        }
        assertRefused(
                ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                "decoder_prefix",
                request(3, 0).setPrefixTokenIds(prefix));
        server.call(request(3, CONTEXT - 1).build()).toEnd();
    }

    @Test
    void moreThanThePagesHoldIsRefusedWithTheNumbersAndTheSetting() throws Exception {
        open(TestConfig.ROOMY, CONTEXT, 4);
        TandemException refusal = assertRefused(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "max_tokens", request(3, 17));
        assertTrue(refusal.getMessage().contains("17") && refusal.getMessage().contains("16"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("tandem.decoder.page-memory"), refusal.getMessage());
        assertEquals(16, server.call(request(3, 0).build()).toEnd().finished().getCompletionTokens());
    }

    @Test
    void moreEncoderTokensThanThereIsMemoryForAreRefused() throws Exception {
        open(new TestConfig(10, 64, 8, 32, Duration.ofSeconds(10)));
        TandemException refusal = assertRefused(
                ErrorCode.CONTEXT_LENGTH_EXCEEDED, null, request(6, 5).addSegments(segment(5)));
        assertTrue(refusal.getMessage().contains("tandem.decoder.encoder-memory"), refusal.getMessage());
    }

    @Test
    void whoWaitsTooLongForMemoryIsToldOfOverload() throws Exception {
        open(new TestConfig(10, 64, 8, 32, Duration.ofMillis(50)));
        CountDownLatch goOn = new CountDownLatch(1);
        holdSteps(6, () -> await(goOn));
        Answer holder = server.call(request(6, 5).build());
        holder.next();
        assertRefused(ErrorCode.OVERLOADED, null, request(7, 5));
        goOn.countDown();
        holder.toEnd();
    }

    @Test
    void whoFindsTheQueueFullIsToldOfOverload() throws Exception {
        open(new TestConfig(200, 2, 1, 32, Duration.ofSeconds(10)));
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch waiting = new CountDownLatch(2);
        holdSteps(6, () -> await(goOn));
        Answer running = server.call(request(6, 5).build());
        running.next();
        store.beforeChunk(waiting::countDown);
        Answer second = server.call(request(1, 5).build());
        Answer third = server.call(request(2, 5).build());
        await(waiting);
        assertRefused(ErrorCode.OVERLOADED, null, request(3, 5));
        goOn.countDown();
        running.toEnd();
        second.toEnd();
        third.toEnd();
        server.call(request(3, 5).build()).toEnd();
    }

    @Test
    void aStepThatFailsIsInternalAndTheNextCallIsServed() throws Exception {
        open(TestConfig.ROOMY);
        holdSteps(6, () -> {
            throw new IllegalStateException("planted by the test");
        });
        TandemException failure = assertRefused(ErrorCode.INTERNAL, null, request(6, 5));
        assertTrue(!failure.getMessage().contains("planted"), "internals are not told");
        server.call(request(3, 5).build()).toEnd();
    }

    @Test
    void whoComesDuringTheDrainIsSentAwayAndWhoIsThereIsServed() throws Exception {
        open(TestConfig.ROOMY);
        CountDownLatch goOn = new CountDownLatch(1);
        holdSteps(6, () -> await(goOn));
        Answer running = server.call(request(6, 5).build());
        running.next();
        server.state().drain(Duration.ZERO);
        Thread closing = Thread.ofPlatform().start(server.decoder()::close);
        assertRefused(ErrorCode.DRAINING, null, request(3, 5));
        assertTrue(!server.state().isReady());
        goOn.countDown();
        assertEquals(5, running.toEnd().finished().getCompletionTokens());
        closing.join();
    }

    @Test
    void aDrainThatTakesTooLongEndsTheCalls() throws Exception {
        open(new TestConfig(200, 64, 1, 8, Duration.ofMillis(50)), 1500, 400);
        Answer stalled = server.call(request(6, 1400).build());
        assertTrue(stalled.next().hasStarted());
        server.decoder().close();
        assertEquals(ErrorCode.DRAINING, stalled.toError().code());
        assertRefused(ErrorCode.DRAINING, null, request(3, 5));
    }

    private TandemException assertRefused(ErrorCode code, String param, GenerateRequest.Builder request)
            throws Exception {
        TandemException refusal = server.call(request.build()).toError();
        assertEquals(code, refusal.code(), refusal.getMessage());
        assertEquals(Optional.ofNullable(param), refusal.param(), refusal.getMessage());
        return refusal;
    }
}
