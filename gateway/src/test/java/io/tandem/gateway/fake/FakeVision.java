package io.tandem.gateway.fake;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.EncodeRequest;
import io.tandem.contract.vision.v1.Image;
import io.tandem.contract.vision.v1.ImageHeader;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes any bytes for a picture, checks the protocol, and answers after the header when it has seen the picture before. */
public final class FakeVision extends VisionServiceGrpc.VisionServiceImplBase {

    /** A file that begins like this is refused as broken. */
    public static final String BROKEN = "broken";

    private final Set<ByteString> seen = ConcurrentHashMap.newKeySet();
    private final Queue<TandemException> failures = new ConcurrentLinkedQueue<>();
    private final FakeModel model;
    private final AtomicInteger decoded = new AtomicInteger();
    private final AtomicInteger early = new AtomicInteger();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();

    /** @param model that it serves */
    FakeVision(FakeModel model) {
        this.model = model;
    }

    /** Lets the next call fail, after its header. */
    public void failNext(TandemException failure) {
        failures.add(failure);
    }

    /** Pictures that were sent to their end. */
    public int decoded() {
        return decoded.get();
    }

    /** Pictures that were answered after their header. */
    public int early() {
        return early.get();
    }

    /** Most pictures that were on their way at the same time. */
    public int mostAtOnce() {
        return mostAtOnce.get();
    }

    void reset() {
        seen.clear();
        failures.clear();
        decoded.set(0);
        early.set(0);
        mostAtOnce.set(0);
    }

    @Override
    public StreamObserver<EncodeRequest> encode(StreamObserver<EncodeReply> response) {
        mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        return new Upload(response);
    }

    private final class Upload implements StreamObserver<EncodeRequest> {
        private final StreamObserver<EncodeReply> response;
        private ImageHeader header;
        private ByteString bytes = ByteString.EMPTY;
        private boolean answered;

        private Upload(StreamObserver<EncodeReply> response) {
            this.response = response;
        }

        @Override
        public void onNext(EncodeRequest message) {
            if (message.hasHeader()) {
                header = message.getHeader();
                TandemException failure = failures.poll();
                if (failure != null) {
                    fail(failure);
                    return;
                }
                if (seen.contains(softTokenKey())) {
                    early.incrementAndGet();
                    answer(true);
                }
                return;
            }
            if (message.getData().size() > 1 << 20) {
                fail(new TandemException(ErrorCode.INTERNAL, null, "chunk of more than 1 MiB"));
            }
            bytes = bytes.concat(message.getData());
        }

        @Override
        public void onError(Throwable failure) {
            atOnce.decrementAndGet();
        }

        @Override
        public void onCompleted() {
            if (answered) {
                return;
            }
            if (bytes.size() != header.getByteLength() || !sha256(bytes).equals(header.getSha256())) {
                fail(new TandemException(ErrorCode.INTERNAL, null, "the bytes do not fit the header"));
            } else if (bytes.startsWith(ByteString.copyFromUtf8(BROKEN))) {
                fail(new TandemException(ErrorCode.INVALID_IMAGE, header.getField(), "This is no picture."));
            } else {
                decoded.incrementAndGet();
                seen.add(softTokenKey());
                answer(false);
            }
        }

        private void answer(boolean cached) {
            answered = true;
            atOnce.decrementAndGet();
            response.onNext(EncodeReply.newBuilder()
                    .setImage(Image.newBuilder()
                            .setSha256(header.getSha256())
                            .setSoftTokenKey(softTokenKey())
                            .setViews(1)
                            .setModel(model.model()))
                    .setCached(cached)
                    .build());
            response.onCompleted();
        }

        private ByteString softTokenKey() {
            return sha256(header.getTenantBytes().concat(header.getSha256()));
        }

        private void fail(TandemException failure) {
            answered = true;
            atOnce.decrementAndGet();
            response.onError(GrpcErrors.toStatus(failure));
        }
    }

    static ByteString sha256(ByteString bytes) {
        try {
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
