package io.tandem.gateway.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where one process writes what nobody may see yet: a folder of its own, held by a lock that ends with the process, so that whoever
 * comes next can tell what was left behind from what is in use. Thread-safe; owned by a store.
 */
final class Scratch implements AutoCloseable {

    private static final String LOCK = ".lock";

    private final Path folder;
    private final ProcessLock lock;

    private Scratch(Path folder, ProcessLock lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** Opens a folder below one that is there, and removes what processes left that are no more. */
    static Scratch open(Path parent) throws IOException {
        while (true) {
            String name = UUID.randomUUID().toString();
            Optional<ProcessLock> lock = ProcessLock.take(
                    parent.resolve(name + LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            // Another process may sweep it away before it is locked, or as soon as it has locked it itself.
            if (lock.isPresent() && Files.exists(lock.get().file())) {
                sweep(parent);
                return new Scratch(Files.createDirectory(parent.resolve(name)), lock.get());
            }
            if (lock.isPresent()) {
                lock.get().close();
            }
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
        Optional<ProcessLock> taken;
        try {
            taken = ProcessLock.take(lockFile, StandardOpenOption.WRITE);
        } catch (NoSuchFileException swept) {
            // By somebody else meanwhile.
            return;
        }
        if (taken.isEmpty()) {
            return;
        }
        try (ProcessLock lock = taken.get()) {
            String name = lock.file().getFileName().toString();
            Path left = lock.file().resolveSibling(name.substring(0, name.length() - LOCK.length()));
            if (Files.exists(left)) {
                Durable.deleteTree(left);
            }
            Files.deleteIfExists(lock.file());
        }
    }

    /** Removes the folder with what is left in it. */
    @Override
    public void close() throws IOException {
        try (lock) {
            Durable.deleteTree(folder);
            Files.deleteIfExists(lock.file());
        }
    }
}
