package io.tandem.hub;

import io.tandem.hub.ModelSource.Repository;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The three things that one repository of the hub is asked for; refusals become messages. Safe for any number of
 * threads.
 */
final class HubApi {

    /** Bytes of a list of files; a hundred thousand files take less. */
    private static final int LISTING_LIMIT = 32 << 20;

    private static final int OK = 200;

    private final HubHttp http;
    private final String endpoint;
    private final Repository repository;
    private final Refusals refusals;

    HubApi(HubConfig config, HubHttp http, Repository repository) {
        this.http = http;
        this.endpoint = config.endpoint().toString();
        this.repository = repository;
        this.refusals = new Refusals(config, http, repository);
    }

    /** The commit that the revision stands for now, and its files. */
    Listing listing() throws UnreachableException, InterruptedException {
        String revision = URLEncoder.encode(repository.revision(), StandardCharsets.UTF_8);
        URI uri = URI.create(endpoint + "/api/models/" + repository.name() + "/revision/" + revision + "?blobs=true");
        HttpResponse<TimedBody> response = http.get(uri, 0);
        try (TimedBody body = response.body()) {
            refusals.check(response, "its list of files");
            return Listing.parse(endpoint, all(body));
        }
    }

    /**
     * A file's size and digest by HEAD.
     *
     * @throws HubException if the hub gives none that a download could be checked by
     */
    RemoteFile describe(String commit, String name) throws UnreachableException, InterruptedException {
        HttpResponse<TimedBody> response = http.head(resolve(commit, name));
        response.body().close();
        refusals.check(response, name);
        HttpHeaders headers = response.headers();
        Optional<BlobId> id = headers.firstValue("X-Linked-Etag")
                .or(() -> headers.firstValue("ETag"))
                .flatMap(BlobId::of);
        Optional<String> size = headers.firstValue("X-Linked-Size")
                // A redirect has a length of its own.
                .or(() -> response.statusCode() == OK ? headers.firstValue("Content-Length") : Optional.empty());
        String served = headers.firstValue("X-Repo-Commit").orElse(commit);
        if (id.isEmpty() || size.isEmpty() || !size.get().matches("[0-9]{1,18}") || !served.equals(commit)) {
            throw new HubException(endpoint + " gives no size and SHA-256 or git SHA-1 for " + name + " of "
                    + repository.name() + " at commit " + commit + ", so a download couldn't be checked");
        }
        return new RemoteFile(name, Long.parseLong(size.get()), id.get());
    }

    /**
     * A file's content; the caller closes the body.
     *
     * @param from the first byte wanted; the status tells whether the answer begins there (206) or anew (200)
     */
    HttpResponse<TimedBody> open(String commit, String name, long from)
            throws UnreachableException, InterruptedException {
        HttpResponse<TimedBody> response = http.get(resolve(commit, name), from);
        try {
            refusals.check(response, name);
            return response;
        } catch (HubException e) {
            response.body().close();
            throw e;
        }
    }

    private URI resolve(String commit, String name) {
        return URI.create(endpoint + "/" + repository.name() + "/resolve/" + commit + "/" + name);
    }

    private byte[] all(TimedBody body) throws UnreachableException, InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Optional<List<ByteBuffer>> next = body.next(); next.isPresent(); next = body.next()) {
            for (ByteBuffer buffer : next.get()) {
                if (bytes.size() + buffer.remaining() > LISTING_LIMIT) {
                    throw new HubException(endpoint + " answers with more than " + LISTING_LIMIT
                            + " bytes where it lists the files of " + repository.name());
                }
                byte[] part = new byte[buffer.remaining()];
                buffer.get(part);
                bytes.writeBytes(part);
            }
        }
        return bytes.toByteArray();
    }
}
