package io.tandem.gateway.pipeline;

import io.grpc.Channel;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.Image;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Has pictures turned into soft tokens, a bounded number of one request's at a time. */
public final class VisionClient {

    private final VisionServiceGrpc.VisionServiceStub stub;
    private final int parallel;

    /**
     * @param channel to the vision-service
     * @param parallel pictures of one request that are sent at the same time
     */
    public VisionClient(Channel channel, int parallel) {
        this.stub = VisionServiceGrpc.newStub(channel);
        this.parallel = parallel;
    }

    /**
     * Waits until every picture is known to the encoder.
     *
     * @param tenant salt of the content keys
     * @return in the pictures' order
     * @throws io.tandem.contract.TandemException the failure, for the client
     */
    public List<Image> encode(List<Picture> pictures, String tenant, RequestScope scope) {
        List<CompletableFuture<EncodeReply>> replies = new ArrayList<>(pictures.size());
        for (Picture picture : pictures) {
            if (replies.size() >= parallel) {
                scope.await(replies.get(replies.size() - parallel));
            }
            PictureUpload upload = new PictureUpload(picture, tenant);
            scope.run(() -> stub.encode(upload));
            replies.add(upload.reply());
        }
        return replies.stream().map(reply -> scope.await(reply).getImage()).toList();
    }
}
