package io.tandem.gateway.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where one process writes what nobody may see yet: a folder of its own, held by a lock that ends with the process, so that whoever
 * comes next can tell what was left behind from what is in use. Thread-safe; owned by the store.
 */
final class Scratch implements AutoCloseable {

    private static final String LOCK = ".lock";

    private final Path folder;
    private final Path lockFile;
    private final FileChannel channel;

    private Scratch(Path folder, Path lockFile, FileChannel channel) {
        this.folder = folder;
        this.lockFile = lockFile;
        this.channel = channel;
    }

    /** Opens a folder below one that is there, and removes what processes left that are no more. */
    static Scratch open(Path parent) throws IOException {
        while (true) {
            String name = UUID.randomUUID().toString();
            Path lockFile = parent.resolve(name + LOCK);
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel.lock();
            // Another process may have swept it away between the two.
            if (Files.exists(lockFile)) {
                sweep(parent);
                return new Scratch(Files.createDirectory(parent.resolve(name)), lockFile, channel);
            }
            channel.close();
        }
    }

    /** A path that nothing is at. */
    Path next() {
        return folder.resolve(UUID.randomUUID().toString());
    }

    private static void sweep(Path parent) throws IOException {
        List<Path> locks;
        try (Stream<Path> entries = Files.list(parent)) {
            locks = entries.filter(entry -> entry.toString().endsWith(LOCK)).toList();
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
        } catch (OverlappingFileLockException ours) {
            // Of another store in this process, or our own: in use.
            return;
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
        }
    }
}
