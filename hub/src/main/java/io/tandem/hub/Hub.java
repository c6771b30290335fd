package io.tandem.hub;

import io.tandem.hub.ModelSource.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes a folder of what a user names as a model; downloads what of it isn't in the cache. Safe for any number of
 * threads.
 */
public final class Hub {

    private final HubConfig config;
    private final DownloadListener listener;
    private final Waits waits;
    private final FreeSpace space;

    Hub(HubConfig config, DownloadListener listener, Waits waits, FreeSpace space) {
        this.config = config;
        this.listener = listener;
        this.waits = waits;
        this.space = space;
    }

    /**
     * The folder of a model, downloaded if it is one of the hub's that is not in the cache. Hub, cache and token are
     * those of the environment variables that huggingface_hub reads.
     *
     * @param check looks at the folder while it has {@code config.json} and other small files but perhaps no weights,
     *     and throws what it doesn't like, before gigabytes are downloaded in vain
     * @param log where lines about a download go, unless there is a terminal to draw a bar on
     * @throws HubException if the model can't be had, saying what to do
     */
    public static Path folder(ModelSource source, Consumer<Path> check, Consumer<String> log) {
        return switch (source) {
            case ModelSource.Folder folder -> folder.path();
            case Repository repository -> {
                HubConfig config = HubConfig.of(System.getenv());
                try (DownloadDisplay display = DownloadDisplay.open(repository.name(), log)) {
                    yield new Hub(config, display, Waits.REAL, FreeSpace.OF_DISK).fetch(repository, check);
                }
            }
        };
    }

    /** The folder with a repository's files at its revision. */
    Path fetch(Repository repository, Consumer<Path> check) {
        HubCache cache = new HubCache(config, repository);
        try {
            return config.offline() ? cached(repository, cache) : online(repository, cache, check);
        } catch (UnreachableException e) {
            throw new HubException(
                    "%s can't be had from %s: %s. What has come of it is kept; start again to go on"
                            .formatted(repository, config.endpoint(), e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new HubException(
                    "the cache %s can't be used (%s); HF_HUB_CACHE names another folder".formatted(config.cache(), e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HubException("the download of " + repository + " was interrupted", e);
        }
    }

    private Path online(Repository repository, HubCache cache, Consumer<Path> check)
            throws IOException, UnreachableException, InterruptedException {
        try (HubHttp http = new HubHttp(config)) {
            HubApi api = new HubApi(config, http, repository);
            Optional<Path> earlier = earlier(repository, cache);
            Listing listing;
            try {
                // One attempt where there is something to fall back on: a start doesn't wait for a hub it can do
                // without.
                int limit = earlier.isPresent() ? 1 : Attempts.LIMIT;
                listing = new Attempts(waits, limit, listener::note).send(api::listing);
            } catch (UnreachableException e) {
                if (earlier.isEmpty()) {
                    throw e;
                }
                listener.note("The hub can't be asked for %s (%s); what was downloaded earlier is used: commit %s"
                        .formatted(repository, e.getMessage(), earlier.get().getFileName()));
                return earlier.get();
            }
            SnapshotDownload.Surroundings here = new SnapshotDownload.Surroundings(cache, listener, waits, space);
            return new SnapshotDownload(repository, api, listing, here).run(check);
        }
    }

    /** A complete snapshot of the commit that the revision last was, as far as the cache knows. */
    private static Optional<Path> earlier(Repository repository, HubCache cache) throws IOException {
        Optional<Path> snapshot = cache.commit(repository).map(cache::snapshot);
        return snapshot.isPresent() && NeededFiles.missing(snapshot.get()).isEmpty() ? snapshot : Optional.empty();
    }

    private Path cached(Repository repository, HubCache cache) throws IOException {
        Optional<Path> snapshot = cache.commit(repository).map(cache::snapshot);
        List<String> missing =
                snapshot.isPresent() ? NeededFiles.missing(snapshot.get()) : List.of("anything of this revision");
        if (!missing.isEmpty()) {
            throw new HubException(
                    "%s is not complete in the cache %s, which lacks %s, and HF_HUB_OFFLINE forbids to ask the hub"
                            .formatted(repository, cache.folder(), String.join(", ", missing)));
        }
        return snapshot.get();
    }
}
