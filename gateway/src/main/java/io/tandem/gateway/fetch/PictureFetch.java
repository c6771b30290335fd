package io.tandem.gateway.fetch;

import io.tandem.contract.TandemException;
import io.tandem.gateway.pipeline.Picture;
import io.tandem.gateway.pipeline.RequestScope;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The way to one picture, over its redirects, each of which is checked like the first address. Used by a thread of its own. */
final class PictureFetch {

    private final FetchTools tools;
    private final FetchLimits limits;
    private final FetchedField field;
    private final ByteBudget budget;
    private final RequestScope scope;
    private final long endNanos;

    PictureFetch(FetchTools tools, FetchLimits limits, FetchedField field, ByteBudget budget, RequestScope scope) {
        this.tools = tools;
        this.limits = limits;
        this.field = field;
        this.budget = budget;
        this.scope = scope;
        this.endNanos = System.nanoTime() + limits.timeout().toNanos();
    }

    /**
     * Fetches a picture.
     *
     * @throws TandemException INVALID_IMAGE_URL, or why the request is over
     */
    Picture from(String address) {
        RemoteUrl url = RemoteUrl.parse(address, field);
        for (int hop = 0; hop <= limits.maxRedirects(); hop++) {
            Download download = new Download(url, field, limits.maxBytes(), budget);
            download.start(tools.client(), checkedAddress(url), limits.idleTimeout());
            Download.Reply reply = await(download.reply());
            if (reply.picture().isPresent()) {
                return Picture.of(reply.picture().get(), field.path());
            }
            url = url.redirected(reply.location().orElseThrow(), field);
        }
        throw field.invalid("leads over more than %d redirects; raise tandem.gateway.images.remote.max-redirects"
                .formatted(limits.maxRedirects()));
    }

    /** The one address that is connected to. Of a name with several all must be allowed: one that is not is bait. */
    private InetAddress checkedAddress(RemoteUrl url) {
        if (!limits.allows(url)) {
            throw field.outOfBounds();
        }
        List<InetAddress> addresses =
                await(CompletableFuture.supplyAsync(() -> addresses(url.host()), tools.resolving()));
        if (addresses.isEmpty() || !addresses.stream().allMatch(tools.policy()::allows)) {
            throw field.outOfBounds();
        }
        return addresses.getFirst();
    }

    private List<InetAddress> addresses(String host) {
        try {
            return tools.resolver().resolve(host);
        } catch (UnknownHostException unknown) {
            return List.of();
        }
    }

    private <T> T await(CompletableFuture<T> step) {
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
        long timer = tools.vertx().setTimer(millis, id -> step.completeExceptionally(late()));
        try {
            return scope.await(step);
        } finally {
            tools.vertx().cancelTimer(timer);
        }
    }

    private TandemException late() {
        return field.failed("it did not come within %,d ms; raise tandem.gateway.images.remote.timeout"
                .formatted(limits.timeout().toMillis()));
    }
}
