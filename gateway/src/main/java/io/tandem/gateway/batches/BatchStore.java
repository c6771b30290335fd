package io.tandem.gateway.batches;

import io.tandem.gateway.files.Durable;
import io.tandem.gateway.files.OwnerFolders;
import io.tandem.gateway.files.ProcessLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Batches on disk, each a folder that appears by one rename: {@code OWNER/ID}, with what was asked for, how far it is, its input, and
 * a file for every line that has been answered. All of it is read when it is asked for, so several processes may share a folder;
 * whoever changes a batch's state holds its lock. One for the process; thread-safe; every call blocks on the disk and may throw
 * {@link UncheckedIOException}.
 */
public final class BatchStore implements AutoCloseable {

    private static final String RECORD = "batch.json";
    private static final String STATE = "state.json";
    private static final String INPUT = "input";
    private static final String CANCEL = "cancel";
    private static final String LOCK = "lock";

    private final OwnerFolders owners;
    private final InstantSource clock;

    /** @param root folder that holds everything; made when the first batch comes */
    public BatchStore(Path root, InstantSource clock) {
        this.owners = new OwnerFolders(root, "tandem.gateway.batches.path");
        this.clock = clock;
    }

    /** The time in whole seconds, as batches have it. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** Makes a batch, with a copy of its input, which may be deleted then. */
    Batch create(Batch.Order order, Path input) {
        Batch batch = new Batch(BatchId.next(clock.millis()), now(), order);
        try {
            Path folder = Files.createDirectory(owners.temporary());
            Files.copy(input, folder.resolve(INPUT));
            try (FileChannel copied = FileChannel.open(folder.resolve(INPUT), StandardOpenOption.WRITE)) {
                copied.force(true);
            }
            Durable.write(folder.resolve(RECORD), BatchRecords.of(batch));
            Durable.write(folder.resolve(STATE), BatchRecords.of(BatchState.NEW));
            owners.publish(folder, order.owner(), batch.id().value());
            return batch;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** One owner's batch. */
    public Optional<Batch> find(String owner, BatchId id) {
        return read(owners.folder(owner, id.value()));
    }

    /**
     * One owner's batches, the newest first.
     *
     * @param after id that they come after
     */
    public Stream<Batch> batches(String owner, Optional<BatchId> after) {
        return owners.of(owner).stream()
                .sorted((left, right) -> right.compareTo(left))
                .filter(folder -> after.isEmpty()
                        || folder.getFileName().toString().compareTo(after.get().value()) < 0)
                .flatMap(folder -> read(folder).stream());
    }

    /** Ids of all batches of everybody, the oldest first, with their folders' owners. */
    List<Path> folders() {
        return owners.all()
                .sorted((left, right) -> left.getFileName().compareTo(right.getFileName()))
                .toList();
    }

    /** The batch in a folder. */
    Optional<Batch> read(Path folder) {
        return bytes(folder.resolve(RECORD)).map(bytes -> parsed(folder, () -> BatchRecords.batch(bytes)));
    }

    /** How far a batch is, as whoever works on it wrote it last. */
    public BatchState state(Batch batch) {
        Path folder = folder(batch);
        return parsed(
                folder,
                () -> BatchRecords.state(bytes(folder.resolve(STATE))
                        .orElseThrow(() -> new IOException("%s is missing".formatted(STATE)))));
    }

    /** Says how far a batch is; for the holder of its lock. */
    void setState(Batch batch, BatchState state) {
        try {
            owners.put(folder(batch).resolve(STATE), BatchRecords.of(state));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Asks whoever works on a batch to stop; what was asked first counts. */
    void askToCancel(Batch batch) {
        if (cancelAsked(batch).isEmpty()) {
            put(
                    folder(batch).resolve(CANCEL),
                    Long.toString(now().getEpochSecond()).getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** When somebody asked for a batch's end. */
    public Optional<Instant> cancelAsked(Batch batch) {
        return bytes(folder(batch).resolve(CANCEL))
                .map(bytes -> Instant.ofEpochSecond(Long.parseLong(new String(bytes, StandardCharsets.US_ASCII))));
    }

    /** The lines of a batch. */
    Path input(Batch batch) {
        return folder(batch).resolve(INPUT);
    }

    /** The answers of a batch. */
    LineResults results(Batch batch) {
        return new LineResults(folder(batch), this);
    }

    /** Takes a batch for this process; empty as long as somebody has it, here or elsewhere. */
    Optional<ProcessLock> lock(Batch batch) {
        try {
            return ProcessLock.take(folder(batch).resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Removes what only work on a batch needs; for the holder of its lock, at its end. */
    void removeWork(Batch batch) {
        try {
            results(batch).remove();
            Files.deleteIfExists(input(batch));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Writes a file so that it is seen whole or not at all, in the place of what was there. */
    void put(Path file, byte[] bytes) {
        try {
            owners.put(file, bytes);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private interface Parsing<T> {
        T parse() throws IOException;
    }

    private static <T> T parsed(Path folder, Parsing<T> parsing) {
        try {
            return parsing.parse();
        } catch (IOException damaged) {
            throw new UncheckedIOException("%s is damaged".formatted(folder), damaged);
        }
    }

    private static Optional<byte[]> bytes(Path file) {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path folder(Batch batch) {
        return owners.folder(batch.owner(), batch.id().value());
    }

    @Override
    public void close() {
        owners.close();
    }
}
