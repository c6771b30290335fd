package io.tandem.encoder.grpc;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.quarkus.runtime.StartupEvent;
import io.tandem.cache.ContentKey;
import io.tandem.contract.encoder.v1.CutDocumentReply;
import io.tandem.contract.encoder.v1.CutDocumentRequest;
import io.tandem.contract.encoder.v1.DescribeModelRequest;
import io.tandem.contract.encoder.v1.DetokenizeReply;
import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.EmbedReply;
import io.tandem.contract.encoder.v1.EmbedRequest;
import io.tandem.contract.encoder.v1.EmbeddedText;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.ForgetReply;
import io.tandem.contract.encoder.v1.ForgetRequest;
import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.encoder.v1.TokenizeReply;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import io.tandem.encoder.embedding.Embedding;
import io.tandem.encoder.encoding.EncodedSegment;
import io.tandem.encoder.prompt.PromptReader;
import io.tandem.encoder.prompt.SegmentText;
import io.tandem.runtime.calls.Call;
import io.tandem.runtime.calls.Calls;
import io.tandem.telemetry.Tracing;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** The encoder service on the wire: gives every call a thread and returns at once. Thread-safe. */
@GrpcService
public class EncoderGrpcService extends EncoderServiceGrpc.EncoderServiceImplBase {

    /** Null until the application starts. */
    private volatile EncoderParts parts;

    /** Takes what calls use. Not at construction, as making it loads the model, which gRPC's own threads must not wait for. */
    void open(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event, EncoderParts made) {
        parts = made;
    }

    @Override
    public void encode(EncodeRequest request, StreamObserver<EncodeReply> replies) {
        serve(replies, (opened, call) -> answer(opened, request, call));
    }

    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeReply> replies) {
        serve(
                replies,
                (opened, call) -> opened.read(call, () -> opened.tokenizer().tokenize(request)));
    }

    @Override
    public void detokenize(DetokenizeRequest request, StreamObserver<DetokenizeReply> replies) {
        serve(replies, (opened, call) -> DetokenizeReply.newBuilder()
                .setText(opened.read(call, () -> opened.tokenizer().detokenize(request)))
                .build());
    }

    @Override
    public void embed(EmbedRequest request, StreamObserver<EmbedReply> replies) {
        serve(replies, (opened, call) -> answer(opened, request, call));
    }

    @Override
    public void cutDocument(CutDocumentRequest request, StreamObserver<CutDocumentReply> replies) {
        serve(replies, (opened, call) -> opened.read(call, () -> opened.cutter().cut(request)));
    }

    @Override
    public void forget(ForgetRequest request, StreamObserver<ForgetReply> replies) {
        serve(replies, (opened, call) -> {
            opened.states()
                    .forget(request.getKeysList().stream()
                            .map(key -> ContentKey.of(key.toByteArray()))
                            .toList());
            return ForgetReply.getDefaultInstance();
        });
    }

    @Override
    public void describeModel(DescribeModelRequest request, StreamObserver<ModelDescription> replies) {
        EncoderParts opened = parts;
        if (opened == null) {
            Calls.refuseAsStarting(replies);
        } else {
            replies.onNext(opened.description());
            replies.onCompleted();
        }
    }

    private <R> void serve(StreamObserver<R> replies, BiFunction<EncoderParts, Call, R> work) {
        EncoderParts opened = parts;
        if (opened == null) {
            Calls.refuseAsStarting(replies);
        } else {
            opened.calls().serve(replies, call -> work.apply(opened, call));
        }
    }

    private static EncodeReply answer(EncoderParts parts, EncodeRequest request, Call call) {
        long start = System.nanoTime();
        // Before anything is kept: states made with another model's soft tokens would be found under a right key.
        request.getImagesList().forEach(image -> parts.model().requireMaker(image.getModel(), "soft tokens"));
        PromptReader.Prompt prompt = Tracing.inSpan(
                "encoder.prompt", () -> parts.read(call, () -> parts.reader().read(request)));
        List<EncodedSegment> encoded =
                parts.states().encode(prompt.segments(), parts.keys().of(request.getTenant()), call);
        EncodeReply.Builder reply = EncodeReply.newBuilder();
        for (int i = 0; i < encoded.size(); i++) {
            reply.addSegments(segment(encoded.get(i), prompt.segments().get(i).tokens()));
        }
        prompt.prompt().ifPresent(segment -> reply.addAllPromptTokenIds(ids(segment.tokens())));
        return reply.setModel(parts.model().value())
                .setDurationMicros(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start))
                .build();
    }

    private static EmbedReply answer(EncoderParts parts, EmbedRequest request, Call call) {
        long start = System.nanoTime();
        List<SegmentText> texts = parts.read(
                call,
                () -> request.getInputsList().stream().map(parts.reader()::read).toList());
        EmbedReply.Builder reply = EmbedReply.newBuilder();
        for (Embedding embedding : parts.embedder().embed(texts, parts.keys().of(request.getTenant()), call)) {
            EmbeddedText.Builder text =
                    EmbeddedText.newBuilder().setTokens(embedding.tokens()).setCached(embedding.cached());
            for (float value : embedding.values()) {
                text.addValues(value);
            }
            reply.addEmbeddings(text);
        }
        return reply.setDurationMicros(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start))
                .build();
    }

    private static Segment segment(EncodedSegment segment, int[] tokens) {
        return Segment.newBuilder()
                .setKey(ByteString.copyFrom(segment.key().toBytes()))
                .setTokens(segment.tokens())
                .setImageTokens(segment.imageTokens())
                .setCached(segment.cached())
                .addAllTokenIds(ids(tokens))
                .build();
    }

    private static List<Integer> ids(int[] tokens) {
        return Arrays.stream(tokens).boxed().toList();
    }
}
