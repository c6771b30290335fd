package io.tandem.gateway.files;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Uploaded files on disk, each a folder that appears and disappears by one rename: {@code owners/OWNER/ID}, with the content, what the
 * client said of it, how far it has been read, and what was made of it. All of it is read when it is asked for, so several
 * processes may share a folder. One for the process; thread-safe; every call blocks on the disk and may throw
 * {@link UncheckedIOException}.
 */
public final class FileStore implements AutoCloseable {

    private static final String RECORD = "file.json";
    private static final String STATUS = "status.json";

    private final OwnerFolders folders;
    private final FileLimits limits;
    private final InstantSource clock;
    /** Held while an owner's files are counted and one is added. */
    private final ReentrantLock counting = new ReentrantLock();

    /** @param root folder that holds everything; made when the first file comes */
    public FileStore(Path root, FileLimits limits, InstantSource clock) {
        this.folders = new OwnerFolders(root, "tandem.gateway.files.path");
        this.limits = limits;
        this.clock = clock;
    }

    /** How much may be stored. */
    public FileLimits limits() {
        return limits;
    }

    /** Removes what a process left that was killed in an upload or a deletion. */
    public void recover() {
        folders.recover();
    }

    /** Begins to take a file in. */
    public Incoming begin() {
        return begin(Incoming.Origin.CLIENT);
    }

    /** Begins to write a file of the server's own, which no limit refuses: the work behind it is done. */
    public Incoming beginOutput() {
        return begin(Incoming.Origin.SERVER);
    }

    /** An id for a file that is still to be made. */
    public FileId reserve() {
        return FileId.next(clock.millis());
    }

    private Incoming begin(Incoming.Origin origin) {
        try {
            return new Incoming(this, folders.temporary(), origin);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A path for what is needed for a moment only; whoever uses it deletes what is there. */
    public Path temporary() {
        return folders.temporary();
    }

    /** One owner's file. */
    public Optional<StoredFile> find(String owner, FileId id) {
        return read(folder(owner, id)).filter(file -> !file.isExpired(clock.instant()));
    }

    /**
     * One owner's files, the oldest first.
     *
     * @param after id that they come after; the file itself need not be there any more
     */
    public Stream<StoredFile> files(String owner, Optional<FileId> after, boolean newestFirst) {
        List<Path> all = folders.of(owner).stream().sorted().toList();
        Stream<Path> inOrder = newestFirst ? all.reversed().stream() : all.stream();
        return inOrder.filter(folder -> after.isEmpty() || isAfter(folder, after.get(), newestFirst))
                .flatMap(folder -> read(folder).stream())
                .filter(file -> !file.isExpired(clock.instant()));
    }

    /** All files of everybody, those that have expired too. */
    public List<StoredFile> all() {
        return folders.all().sorted().flatMap(folder -> read(folder).stream()).toList();
    }

    /** Whether a file has ended by itself and can be removed. */
    public boolean isExpired(StoredFile file) {
        return file.isExpired(clock.instant());
    }

    /** Where a file's content is. */
    public Path content(StoredFile file) {
        return folder(file.owner(), file.id()).resolve(Incoming.CONTENT);
    }

    /** How far a file has been read. */
    public FileStatus status(StoredFile file) {
        return get(file, STATUS)
                .map(bytes -> {
                    try {
                        return FileRecords.status(bytes);
                    } catch (IOException damaged) {
                        throw new UncheckedIOException(damaged);
                    }
                })
                .orElse(FileStatus.NEW);
    }

    /** @return false if the file has been deleted */
    public boolean setStatus(StoredFile file, FileStatus status) {
        try {
            return put(file, STATUS, FileRecords.of(status));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** What was made of a file, under a name. */
    public Optional<byte[]> get(StoredFile file, String name) {
        try {
            return Optional.of(
                    Files.readAllBytes(folder(file.owner(), file.id()).resolve(name)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Keeps what was made of a file, in the place of what was there.
     *
     * @return false if the file has been deleted
     */
    public boolean put(StoredFile file, String name, byte[] bytes) {
        try {
            folders.put(folder(file.owner(), file.id()).resolve(name), bytes);
            return true;
        } catch (NoSuchFileException deletedMeanwhile) {
            return false;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** @return false if it was not there */
    public boolean delete(StoredFile file) {
        Path folder = folder(file.owner(), file.id());
        Path aside = folders.temporary();
        try {
            Durable.move(folder, aside);
            Durable.force(folder.getParent());
            Durable.deleteTree(aside);
            return true;
        } catch (NoSuchFileException gone) {
            return false;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The time in whole seconds, as files have it. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** Shows a file that is complete; its folder becomes the store's. */
    StoredFile publish(Path folder, StoredFile file, Incoming.Origin origin) throws IOException {
        counting.lock();
        try {
            if (origin == Incoming.Origin.CLIENT) {
                requireRoom(file.owner(), file.bytes());
            }
            Durable.write(folder.resolve(RECORD), FileRecords.of(file));
            folders.publish(folder, file.owner(), file.id().value());
            return file;
        } finally {
            counting.unlock();
        }
    }

    private void requireRoom(String owner, long bytes) throws IOException {
        List<Path> all = folders.of(owner);
        if (all.size() >= limits.maxFiles()) {
            throw full("%,d files are stored, limit %,d; delete some or raise tandem.gateway.files.max-files."
                    .formatted(all.size(), limits.maxFiles()));
        }
        long stored = 0;
        for (Path folder : all) {
            Path content = folder.resolve(Incoming.CONTENT);
            stored += Files.exists(content) ? Files.size(content) : 0;
        }
        if (stored + bytes > limits.maxTotalBytes()) {
            throw full(
                    "%,d bytes are stored and this file has %,d, limit %,d; delete some or raise tandem.gateway.files.max-total-size."
                            .formatted(stored, bytes, limits.maxTotalBytes()));
        }
    }

    private static TandemException full(String message) {
        return new TandemException(ErrorCode.PAYLOAD_TOO_LARGE, "file", message);
    }

    private static boolean isAfter(Path folder, FileId id, boolean newestFirst) {
        int order = folder.getFileName().toString().compareTo(id.value());
        return newestFirst ? order < 0 : order > 0;
    }

    private static Optional<StoredFile> read(Path folder) {
        try {
            return Optional.of(FileRecords.file(Files.readAllBytes(folder.resolve(RECORD))));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException("%s is damaged".formatted(folder), failure);
        }
    }

    private Path folder(String owner, FileId id) {
        return folders.folder(owner, id.value());
    }

    @Override
    public void close() {
        folders.close();
    }
}
