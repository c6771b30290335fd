package io.tandem.gateway.pipeline;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tandem.contract.encoder.v1.CutDocumentReply;
import io.tandem.contract.encoder.v1.CutDocumentRequest;
import io.tandem.contract.encoder.v1.DetokenizeReply;
import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.EmbedReply;
import io.tandem.contract.encoder.v1.EmbedRequest;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.ForgetReply;
import io.tandem.contract.encoder.v1.ForgetRequest;
import io.tandem.contract.encoder.v1.TokenizeReply;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.Router;
import java.util.function.BiConsumer;

/** Has texts encoded, embedded and tokenized. Thread-safe; every call blocks its thread, a virtual one. */
public final class EncoderClient {

    private final Router router;
    private final Attempts attempts;

    /**
     * @param router knows the encoder-services
     * @param attempts calls them
     */
    public EncoderClient(Router router, Attempts attempts) {
        this.router = router;
        this.attempts = attempts;
    }

    /**
     * Waits until the states of every segment are in the cache.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public EncodeReply encode(EncodeRequest request, RequestScope scope) {
        return attempts.run(router, ContentDigest.of(request), scope, instance -> {
            EncodeReply reply = await(instance, scope, (stub, answer) -> stub.encode(request, answer));
            // The reply itself says who can use it, so it is as good as any.
            instance.doubtUnless(reply.getModel());
            return reply;
        });
    }

    /**
     * Has texts turned into vectors.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public EmbedReply embed(EmbedRequest request, RequestScope scope) {
        return await(ContentDigest.digest(request), scope, (stub, reply) -> stub.embed(request, reply));
    }

    /**
     * Has a text cut into tokens.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public TokenizeReply tokenize(TokenizeRequest request, RequestScope scope) {
        return await(ContentDigest.digest(request), scope, (stub, reply) -> stub.tokenize(request, reply));
    }

    /**
     * Has tokens put together to a text.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public DetokenizeReply detokenize(DetokenizeRequest request, RequestScope scope) {
        return await(ContentDigest.digest(request), scope, (stub, reply) -> stub.detokenize(request, reply));
    }

    /**
     * Has a document cut into windows.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public CutDocumentReply cut(CutDocumentRequest request, RequestScope scope) {
        return await(ContentDigest.digest(request), scope, (stub, reply) -> stub.cutDocument(request, reply));
    }

    /**
     * Has states taken out of the cache.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public ForgetReply forget(ForgetRequest request, RequestScope scope) {
        return await(ContentDigest.digest(request), scope, (stub, reply) -> stub.forget(request, reply));
    }

    private <T> T await(
            ByteString content,
            RequestScope scope,
            BiConsumer<EncoderServiceGrpc.EncoderServiceStub, StreamObserver<T>> call) {
        return attempts.run(router, content, scope, instance -> await(instance, scope, call));
    }

    private static <T> T await(
            Instance instance,
            RequestScope scope,
            BiConsumer<EncoderServiceGrpc.EncoderServiceStub, StreamObserver<T>> call) {
        SingleReply<T> reply = new SingleReply<>();
        scope.run(() -> call.accept(EncoderServiceGrpc.newStub(instance.channel()), reply));
        return scope.await(reply.future());
    }
}
