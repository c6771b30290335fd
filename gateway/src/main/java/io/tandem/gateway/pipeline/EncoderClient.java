package io.tandem.gateway.pipeline;

import io.grpc.Channel;
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
import java.util.function.Consumer;

/** Has texts encoded, embedded and tokenized. Thread-safe; every call blocks its thread, a virtual one. */
public final class EncoderClient {

    private final EncoderServiceGrpc.EncoderServiceStub stub;

    /** @param channel to the encoder-service */
    public EncoderClient(Channel channel) {
        this.stub = EncoderServiceGrpc.newStub(channel);
    }

    /**
     * Waits until the states of every segment are in the cache.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public EncodeReply encode(EncodeRequest request, RequestScope scope) {
        return await(scope, reply -> stub.encode(request, reply));
    }

    /**
     * Has texts turned into vectors.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public EmbedReply embed(EmbedRequest request, RequestScope scope) {
        return await(scope, reply -> stub.embed(request, reply));
    }

    /**
     * Has a text cut into tokens.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public TokenizeReply tokenize(TokenizeRequest request, RequestScope scope) {
        return await(scope, reply -> stub.tokenize(request, reply));
    }

    /**
     * Has tokens put together to a text.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public DetokenizeReply detokenize(DetokenizeRequest request, RequestScope scope) {
        return await(scope, reply -> stub.detokenize(request, reply));
    }

    /**
     * Has a document cut into windows.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public CutDocumentReply cut(CutDocumentRequest request, RequestScope scope) {
        return await(scope, reply -> stub.cutDocument(request, reply));
    }

    /**
     * Has states taken out of the cache.
     *
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public ForgetReply forget(ForgetRequest request, RequestScope scope) {
        return await(scope, reply -> stub.forget(request, reply));
    }

    private static <T> T await(RequestScope scope, Consumer<StreamObserver<T>> call) {
        SingleReply<T> reply = new SingleReply<>();
        scope.run(() -> call.accept(reply));
        return scope.await(reply.future());
    }
}
