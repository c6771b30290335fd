package io.tandem.encoder.grpc;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.tandem.contract.encoder.v1.DescribeModelRequest;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.encoder.encoding.EncodedSegment;
import io.tandem.encoder.prompt.PromptReader;
import io.tandem.runtime.calls.Call;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The encoder service on the wire: gives every call a thread and returns at once. Thread-safe. */
@GrpcService
public class EncoderGrpcService extends EncoderServiceGrpc.EncoderServiceImplBase {

    private final EncoderParts parts;

    /** @param parts what the calls use */
    public EncoderGrpcService(EncoderParts parts) {
        this.parts = parts;
    }

    @Override
    public void encode(EncodeRequest request, StreamObserver<EncodeReply> replies) {
        parts.calls().serve(replies, call -> answer(request, call));
    }

    @Override
    public void describeModel(DescribeModelRequest request, StreamObserver<ModelDescription> replies) {
        replies.onNext(parts.description());
        replies.onCompleted();
    }

    private EncodeReply answer(EncodeRequest request, Call call) {
        long start = System.nanoTime();
        PromptReader.Prompt prompt = call.await(CompletableFuture.supplyAsync(
                () -> {
                    call.requireWanted();
                    return parts.reader().read(request);
                },
                parts.reading()));
        EncodeReply.Builder reply = EncodeReply.newBuilder()
                .addAllSegments(
                        parts.states().encode(prompt.segments(), parts.keys().of(request.getTenant()), call).stream()
                                .map(EncoderGrpcService::segment)
                                .toList());
        prompt.prompt()
                .ifPresent(segment -> reply.addAllPromptTokenIds(
                        Arrays.stream(segment.tokens()).boxed().collect(Collectors.toList())));
        return reply.setDurationMicros(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start))
                .build();
    }

    private static Segment segment(EncodedSegment segment) {
        return Segment.newBuilder()
                .setKey(ByteString.copyFrom(segment.key().toBytes()))
                .setTokens(segment.tokens())
                .setImageTokens(segment.imageTokens())
                .setCached(segment.cached())
                .build();
    }
}
