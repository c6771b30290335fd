package io.tandem.hub;

import io.tandem.hub.ModelSource.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Brings the needed files of a repository at one commit into the cache. Used once, by one thread. */
final class SnapshotDownload {

    /**
     * What a download needs besides the hub.
     *
     * @param cache of the repository
     * @param listener hears how it goes
     * @param waits between attempts
     * @param space what the cache's disk still takes
     */
    record Surroundings(HubCache cache, DownloadListener listener, Waits waits, FreeSpace space) {}

    private final Repository repository;
    private final HubApi api;
    private final Listing listing;
    private final Surroundings here;
    private final Path snapshot;

    SnapshotDownload(Repository repository, HubApi api, Listing listing, Surroundings here) {
        this.repository = repository;
        this.api = api;
        this.listing = listing;
        this.here = here;
        this.snapshot = here.cache().snapshot(listing.commit());
    }

    /**
     * Downloads what is not there yet and returns the folder: first what describes the model, then its weights.
     *
     * @param check see {@link Hub#folder}
     */
    Path run(Consumer<Path> check) throws IOException, UnreachableException, InterruptedException {
        get(NeededFiles.descriptions(repository, listing));
        check.accept(snapshot);
        get(NeededFiles.weights(repository, listing, snapshot));
        here.cache().remember(repository, listing.commit());
        return snapshot;
    }

    private void get(List<String> names) throws IOException, UnreachableException, InterruptedException {
        HubCache cache = here.cache();
        List<RemoteFile> wanted = new ArrayList<>();
        Map<BlobId, RemoteFile> absent = new LinkedHashMap<>();
        for (String name : names) {
            RemoteFile file = describe(name);
            if (!cache.holds(listing.commit(), file)) {
                wanted.add(file);
                if (!cache.hasBlob(file)) {
                    absent.putIfAbsent(file.id(), file);
                }
            }
        }
        if (!absent.isEmpty()) {
            refuseTooMuch(absent.values());
            long bytes = absent.values().stream().mapToLong(RemoteFile::size).sum();
            here.listener().planned(absent.size(), bytes);
            Downloads.run(
                    new BlobDownload(api, cache, here.listener(), here.waits(), listing.commit()), absent.values());
        }
        for (RemoteFile file : wanted) {
            cache.link(listing.commit(), file);
        }
    }

    private RemoteFile describe(String name) throws UnreachableException, InterruptedException {
        Optional<RemoteFile> listed = listing.files().get(name);
        if (listed.isPresent()) {
            return listed.get();
        }
        Attempts attempts = new Attempts(here.waits(), Attempts.LIMIT, here.listener()::note);
        return attempts.send(() -> api.describe(listing.commit(), name));
    }

    private void refuseTooMuch(Collection<RemoteFile> absent) throws IOException {
        long needed = 0;
        for (RemoteFile file : absent) {
            Path partial = here.cache().incomplete(file.id());
            needed += file.size() - (Files.exists(partial) ? Math.min(file.size(), Files.size(partial)) : 0);
        }
        Path folder = Files.createDirectories(here.cache().folder());
        long free = here.space().below(folder);
        if (needed > free) {
            throw new HubException(String.format(
                    Locale.ROOT,
                    "%s needs %,d bytes more, the disk of %s has %,d left; make room, or set HF_HUB_CACHE to a folder"
                            + " on another disk",
                    repository,
                    needed,
                    folder,
                    free));
        }
    }
}
