package io.tandem.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A folder of states, a file each, bounded by bytes; what was not used for longest makes room. Any thread may read and
 * remove; one thread of each process writes. Several processes may share a folder: what is there is asked of the file
 * system, files appear by a rename, and one that is deleted stays readable to whoever has it open.
 *
 * <p>Files are not forced to the disk: one that a power cut has damaged is noticed by its checksums.
 */
final class StateFolder {
    private static final String STATE = ".state";
    private static final String PARTIAL = ".partial";

    /** A partial file this old belongs to a process that was killed. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    /** How many used states are remembered between two looks at the folder; some 8 MB. */
    private static final int MAX_USED = 65_536;

    private final Path folder;
    private final long maxBytes;

    /** Length of all files at the last look, and of what this process has written and removed since. */
    private final AtomicLong bytes = new AtomicLong();

    /** States used since the last look at the folder, whose files say so only then. */
    private final Set<ContentKey> used = ConcurrentHashMap.newKeySet();

    private StateFolder(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    /**
     * Makes the folder if there is none, for this user only: states tell what was read.
     *
     * @throws IllegalArgumentException if it can't be made or written to, or the bound is too small; the message names
     *     the setting
     */
    static StateFolder open(Path folder, ByteSize maxSize) {
        StoreLimits.requireStoreSize("tandem.cache.disk.max-size", maxSize);
        try {
            Files.createDirectories(folder, ownerOnly(folder));
            Files.delete(Files.createTempFile(folder, "probe", PARTIAL));
        } catch (IOException unusable) {
            throw new IllegalArgumentException(
                    "tandem.cache.disk.path is " + folder + ", which can't be written to: " + unusable, unusable);
        }
        return new StateFolder(folder, maxSize.bytes());
    }

    /** Whether there is a file of this state, whole or not. */
    boolean contains(ContentKey key) {
        return Files.exists(file(key));
    }

    /**
     * Opens the file of a state, at its beginning, and marks it as used.
     *
     * @throws NoSuchFileException if there is none
     */
    FileChannel read(ContentKey key) throws IOException {
        FileChannel channel = FileChannel.open(file(key), StandardOpenOption.READ);
        use(key);
        return channel;
    }

    /** Marks a state as used. */
    void use(ContentKey key) {
        if (used.size() < MAX_USED) {
            used.add(key);
        }
    }

    /**
     * Writes the file of a state, aside until it is whole.
     *
     * @return its length, or 0 if the state is larger than the folder may be
     * @throws StateLostException if a chunk is gone meanwhile
     */
    long write(ContentKey key, StateReader state) throws IOException {
        long length = StateFile.length(state.manifest());
        if (length > maxBytes) {
            return 0;
        }
        if (bytes.get() + length > maxBytes) {
            tidy(length);
        }
        Path file = file(key);
        Files.createDirectories(file.getParent(), ownerOnly(folder));
        Path partial = file.resolveSibling(
                key + "." + Long.toHexString(ThreadLocalRandom.current().nextLong()) + PARTIAL);
        try {
            try (FileChannel channel =
                    FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                StateFile.write(channel, key, state);
            }
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(partial);
        }
        bytes.addAndGet(length);
        return length;
    }

    /** Deletes the file of a state, if there is one. */
    void remove(ContentKey key) throws IOException {
        delete(file(key));
    }

    /** Length of all files, as far as this process knows. */
    long bytes() {
        return bytes.get();
    }

    /**
     * Looks at all files: deletes those that killed processes left unfinished and, if they exceed the bound, the ones
     * that were not used for longest, a tenth more than needed so that the next look is not soon.
     *
     * @param needed bytes to make room for
     */
    void tidy(long needed) throws IOException {
        for (ContentKey key : used) {
            used.remove(key);
            markUsed(file(key));
        }
        List<Entry> entries = list();
        long held = entries.stream().mapToLong(Entry::length).sum();
        bytes.set(held);
        if (held + needed <= maxBytes) {
            return;
        }
        entries.sort(Comparator.comparing(Entry::lastUsed));
        long target = maxBytes - Math.max(needed, maxBytes / 10);
        for (Entry entry : entries) {
            if (bytes.get() <= target) {
                return;
            }
            delete(entry.file());
        }
    }

    private List<Entry> list() throws IOException {
        List<Entry> entries = new ArrayList<>();
        Instant abandoned = Instant.now().minus(ABANDONED);
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                FileTime modified = attributes.lastModifiedTime();
                if (file.toString().endsWith(STATE)) {
                    entries.add(new Entry(file, attributes.size(), modified));
                } else if (file.toString().endsWith(PARTIAL)
                        && modified.toInstant().isBefore(abandoned)) {
                    Files.deleteIfExists(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return entries;
    }

    private void delete(Path file) throws IOException {
        try {
            long length = Files.size(file);
            if (Files.deleteIfExists(file)) {
                bytes.addAndGet(-length);
            }
        } catch (NoSuchFileException gone) {
            // Another thread or process was first.
            return;
        }
    }

    private static void markUsed(Path file) throws IOException {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (NoSuchFileException notOnDisk) {
            // Used from memory, and never written or already removed here.
            return;
        }
    }

    /** Two digits of the key name a folder between, so that none has too many files. */
    private Path file(ContentKey key) {
        String name = key.toString();
        return folder.resolve(name.substring(0, 2)).resolve(name + STATE);
    }

    private static FileAttribute<?>[] ownerOnly(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    /** A file at the last look. */
    private record Entry(Path file, long length, FileTime lastUsed) {}
}
