package io.tandem.gateway.pipeline;

import io.tandem.contract.vision.v1.Image;
import io.tandem.contract.vision.v1.VisionServiceGrpc;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Has pictures turned into soft tokens, a bounded number of one request's at a time. Thread-safe; every call blocks its thread. */
public final class VisionClient {

    private final Router router;
    private final Attempts attempts;
    private final Executor threads;
    private final int parallel;

    /**
     * @param router knows the vision-services
     * @param attempts calls them
     * @param threads gives every picture a thread at once
     * @param parallel pictures of one request that are sent at the same time
     */
    public VisionClient(Router router, Attempts attempts, Executor threads, int parallel) {
        this.router = router;
        this.attempts = attempts;
        this.threads = threads;
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
        List<CompletableFuture<Image>> replies = new ArrayList<>(pictures.size());
        for (Picture picture : pictures) {
            if (replies.size() >= parallel) {
                scope.await(replies.get(replies.size() - parallel));
            }
            replies.add(CompletableFuture.supplyAsync(() -> encode(picture, tenant, scope), threads));
        }
        return replies.stream().map(scope::await).toList();
    }

    private Image encode(Picture picture, String tenant, RequestScope scope) {
        return attempts.run(router, picture.sha256(), scope, instance -> upload(instance, picture, tenant, scope));
    }

    private static Image upload(Instance instance, Picture picture, String tenant, RequestScope scope) {
        PictureUpload upload = new PictureUpload(picture, tenant);
        scope.run(() -> VisionServiceGrpc.newStub(instance.channel()).encode(upload));
        Image image = scope.await(upload.reply()).getImage();
        // Whether the encoder can use it is the encoder's to say.
        instance.doubtUnless(image.getModel());
        return image;
    }
}
