package io.tandem.hub;

import io.tandem.hub.ModelSource.Repository;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One repository in the cache on disk, laid out as huggingface_hub does: content in {@code blobs} under its digest,
 * links to it in {@code snapshots/COMMIT}, and in {@code refs} which commit a branch or tag last was. Every change is
 * one rename, so any number of threads and processes may use it at once.
 */
final class HubCache {

    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    private final Path folder;
    private final Path locks;
    private final boolean symlinks;

    HubCache(HubConfig config, Repository repository) {
        String name = "models--" + repository.name().replace("/", "--");
        this.folder = config.cache().resolve(name);
        this.locks = config.cache().resolve(".locks").resolve(name);
        this.symlinks = config.symlinks();
    }

    Path folder() {
        return folder;
    }

    /** Where a blob lies when it is complete. */
    Path blob(BlobId id) {
        return folder.resolve("blobs").resolve(id.hex());
    }

    /**
     * Where a blob is collected. Not the name that older versions of huggingface_hub append to: their locks and those
     * of a JVM don't see each other.
     */
    Path incomplete(BlobId id) {
        return folder.resolve("blobs").resolve(id.hex() + ".tandem.incomplete");
    }

    /** The file whose lock a blob's download holds. */
    Path lock(BlobId id) {
        return locks.resolve(id.hex() + ".lock");
    }

    /** The folder with the files of a commit. */
    Path snapshot(String commit) {
        return folder.resolve("snapshots").resolve(commit);
    }

    /** True if a commit's file is there with all its bytes. */
    boolean holds(String commit, RemoteFile file) throws IOException {
        return isWhole(snapshot(commit).resolve(file.name()), file);
    }

    /** True if a blob is there with all its bytes. */
    boolean hasBlob(RemoteFile file) throws IOException {
        return isWhole(blob(file.id()), file);
    }

    private static boolean isWhole(Path path, RemoteFile file) throws IOException {
        return Files.isRegularFile(path) && Files.size(path) == file.size();
    }

    /** The commit that a revision last was, as far as the cache knows. */
    Optional<String> commit(Repository repository) throws IOException {
        if (repository.isPinned()) {
            return Optional.of(repository.revision());
        }
        try {
            String commit = Files.readString(ref(repository.revision())).strip();
            return COMMIT.matcher(commit).matches() ? Optional.of(commit) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Remembers which commit a revision is. */
    void remember(Repository repository, String commit) throws IOException {
        if (repository.isPinned() || commit(repository).equals(Optional.of(commit))) {
            return;
        }
        Path ref = ref(repository.revision());
        Files.createDirectories(ref.getParent());
        Path written = temporary(ref);
        Files.writeString(written, commit);
        Files.move(written, ref, StandardCopyOption.ATOMIC_MOVE);
    }

    private Path ref(String revision) {
        return folder.resolve("refs").resolve(revision);
    }

    /**
     * Puts a blob into a commit's snapshot: as a relative link, or, where there are none, as a second name or a copy.
     */
    void link(String commit, RemoteFile file) throws IOException {
        Path pointer = snapshot(commit).resolve(file.name());
        Files.createDirectories(pointer.getParent());
        Path made = temporary(pointer);
        Path blob = blob(file.id());
        if (!symlinks || !symlink(made, pointer.getParent().relativize(blob))) {
            duplicate(made, blob);
        }
        Files.move(made, pointer, StandardCopyOption.ATOMIC_MOVE);
    }

    private static boolean symlink(Path link, Path target) throws IOException {
        try {
            Files.createSymbolicLink(link, target);
            return true;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false;
        }
    }

    private static void duplicate(Path name, Path blob) throws IOException {
        try {
            Files.createLink(name, blob);
        } catch (UnsupportedOperationException | FileSystemException e) {
            Files.copy(blob, name);
        }
    }

    private static Path temporary(Path target) {
        return target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }
}
