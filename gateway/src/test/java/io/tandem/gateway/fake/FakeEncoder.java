package io.tandem.gateway.fake;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.DescribeModelRequest;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.contract.encoder.v1.Segment;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** A prompt has 100 tokens and 256 for each picture, a document has 50; what was encoded before is cached. */
public final class FakeEncoder extends EncoderServiceGrpc.EncoderServiceImplBase {

    /** Size of the vocabulary it claims. */
    public static final int VOCABULARY = 1000;
    /** Longest output it claims. */
    public static final int MAX_DECODER_TOKENS = 4096;

    private final Set<ByteString> cache = ConcurrentHashMap.newKeySet();
    private final List<EncodeRequest> requests = new CopyOnWriteArrayList<>();
    private final Queue<TandemException> failures = new ConcurrentLinkedQueue<>();

    /** All requests since the last reset. */
    public List<EncodeRequest> requests() {
        return requests;
    }

    /** Lets the next call fail. */
    public void failNext(TandemException failure) {
        failures.add(failure);
    }

    void reset() {
        cache.clear();
        requests.clear();
        failures.clear();
    }

    @Override
    public void encode(EncodeRequest request, StreamObserver<EncodeReply> response) {
        requests.add(request);
        TandemException failure = failures.poll();
        if (failure != null) {
            response.onError(GrpcErrors.toStatus(failure));
            return;
        }
        EncodeReply.Builder reply =
                EncodeReply.newBuilder().addPromptTokenIds(2).addPromptTokenIds(7);
        for (Document document : request.getDocumentsList()) {
            reply.addSegments(segment(document.toByteString(), 50, 0));
        }
        int imageTokens = 256 * request.getImagesCount();
        ByteString prompt = request.toBuilder().clearDocuments().build().toByteString();
        reply.addSegments(segment(prompt, 100 + imageTokens, imageTokens));
        response.onNext(reply.build());
        response.onCompleted();
    }

    @Override
    public void describeModel(DescribeModelRequest request, StreamObserver<ModelDescription> response) {
        response.onNext(ModelDescription.newBuilder()
                .setFingerprint("fake")
                .setBackend("none")
                .setMaxEncoderTokens(8192)
                .setMaxDecoderTokens(MAX_DECODER_TOKENS)
                .setImages(true)
                .setTokensPerImage(256)
                .setVocabularySize(VOCABULARY)
                .build());
        response.onCompleted();
    }

    private Segment segment(ByteString content, int tokens, int imageTokens) {
        ByteString key = FakeVision.sha256(content);
        return Segment.newBuilder()
                .setKey(key)
                .setTokens(tokens)
                .setImageTokens(imageTokens)
                .setCached(!cache.add(key))
                .build();
    }
}
