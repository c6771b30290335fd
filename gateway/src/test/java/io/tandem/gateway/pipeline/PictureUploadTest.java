package io.tandem.gateway.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.stub.ClientCallStreamObserver;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.EncodeRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PictureUploadTest {

    private static final int MIB = 1 << 20;

    private final Call call = new Call();
    private final PictureUpload upload = new PictureUpload(Picture.of(new byte[2 * MIB + 5], "images[0]"), "tenant");

    @Test
    void sendsOnlyWhatTheServiceTakes() {
        upload.beforeStart(call);
        call.takes(1);
        assertEquals(2 * MIB + 5, call.sent.getFirst().getHeader().getByteLength());
        assertEquals("images[0]", call.sent.getFirst().getHeader().getField());
        assertEquals(1, call.sent.size());
        call.takes(1);
        assertEquals(MIB, call.sent.get(1).getData().size());
        assertFalse(call.completed);
        call.takes(10);
        assertEquals(4, call.sent.size());
        assertEquals(5, call.sent.get(3).getData().size());
        assertTrue(call.completed);
        call.takes(10);
        assertEquals(4, call.sent.size());
    }

    @Test
    void stopsWhenTheAnswerComesEarly() {
        upload.beforeStart(call);
        call.takes(1);
        upload.onNext(EncodeReply.newBuilder().setCached(true).build());
        upload.onCompleted();
        call.takes(10);
        assertEquals(1, call.sent.size());
        assertTrue(upload.reply().join().getCached());
    }

    /** Takes as many messages as a test says. */
    private static final class Call extends ClientCallStreamObserver<EncodeRequest> {
        private final List<EncodeRequest> sent = new ArrayList<>();
        private Runnable onReady;
        private int room;
        private boolean completed;

        void takes(int messages) {
            room = messages;
            onReady.run();
        }

        @Override
        public boolean isReady() {
            return room > 0;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void onNext(EncodeRequest message) {
            room--;
            sent.add(message);
        }

        @Override
        public void onCompleted() {
            completed = true;
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void cancel(String message, Throwable cause) {
            throw new AssertionError(message, cause);
        }

        @Override
        public void request(int count) {
            // Replies are not held back.
        }

        @Override
        public void disableAutoInboundFlowControl() {
            // Replies are not held back.
        }

        @Override
        public void setMessageCompression(boolean enable) {
            // Nothing is compressed.
        }
    }
}
