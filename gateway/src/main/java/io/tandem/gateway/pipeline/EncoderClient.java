package io.tandem.gateway.pipeline;

import io.grpc.Channel;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;

/** Has prompts encoded. */
public final class EncoderClient {

    private final EncoderServiceGrpc.EncoderServiceStub stub;

    /** @param channel to the encoder-service */
    public EncoderClient(Channel channel) {
        this.stub = EncoderServiceGrpc.newStub(channel);
    }

    /** Waits until the states of every segment are in the cache. */
    EncodeReply encode(EncodeRequest request, RequestScope scope) {
        SingleReply<EncodeReply> reply = new SingleReply<>();
        scope.run(() -> stub.encode(request, reply));
        return scope.await(reply.future());
    }
}
