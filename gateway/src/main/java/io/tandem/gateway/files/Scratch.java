package io.tandem.gateway.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Where one process writes what nobody may see yet: a folder of its own, held by a lock that ends with the process, so that whoever
 * comes next can tell what was left behind from what is in use. Thread-safe; owned by a store.
 */
public final class Scratch implements AutoCloseable {

    private static final String LOCK = ".lock";

    /**
     * Lock files of this process, which it must not open again: on POSIX systems closing any channel of a file gives up all locks that
     * the process has on it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path lockFile;
    private final FileChannel channel;

    private Scratch(Path folder, Path lockFile, FileChannel channel) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.channel = channel;
    }

    /** Opens a folder below one that is there, and removes what processes left that are no more. */
    public static Scratch open(Path parent) throws IOException {
        while (true) {
            String name = UUID.randomUUID().toString();
            Path lockFile = parent.resolve(name + LOCK).toAbsolutePath();
            HELD.add(lockFile);
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel.lock();
            // Another process may have swept it away between the two.
            if (Files.exists(lockFile)) {
                sweep(parent);
                return new Scratch(Files.createDirectory(parent.resolve(name)), lockFile, channel);
            }
            channel.close();
            HELD.remove(lockFile);
        }
    }

    /** A path that nothing is at. */
    public Path next() {
        return folder.resolve(UUID.randomUUID().toString());
    }

    private static void sweep(Path parent) throws IOException {
        List<Path> locks;
        try (Stream<Path> entries = Files.list(parent)) {
            locks = entries.map(Path::toAbsolutePath)
                    .filter(entry -> entry.toString().endsWith(LOCK) && !HELD.contains(entry))
                    .toList();
        }
        for (Path lock : locks) {
            sweepIfLeft(lock);
        }
    }

    private static void sweepIfLeft(Path lockFile) throws IOException {
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return;
            }
            String name = lockFile.getFileName().toString();
            Path left = lockFile.resolveSibling(name.substring(0, name.length() - LOCK.length()));
            if (Files.exists(left)) {
                Durable.deleteTree(left);
            }
            Files.deleteIfExists(lockFile);
        } catch (NoSuchFileException swept) {
            // By somebody else meanwhile.
            return;
        }
    }

    /** Removes the folder with what is left in it. */
    @Override
    public void close() throws IOException {
        try (channel) {
            Durable.deleteTree(folder);
            Files.deleteIfExists(lockFile);
        } finally {
            HELD.remove(lockFile);
        }
    }
}
