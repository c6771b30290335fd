package io.tandem.gateway.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A file's lock, held against everybody in this process and others; it ends with the process at the latest. Thread-safe. */
public final class ProcessLock implements AutoCloseable {

    /**
     * Lock files of this process, which it must not open again: on POSIX systems closing any channel of a file gives up all locks that
     * the process has on it.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private ProcessLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock; empty as long as somebody has it, here or elsewhere.
     *
     * @param options how the file is opened, for writing at least
     */
    public static Optional<ProcessLock> take(Path file, OpenOption... options) throws IOException {
        Path absolute = file.toAbsolutePath();
        if (!HELD.add(absolute)) {
            return Optional.empty();
        }
        FileChannel channel = null;
        boolean taken = false;
        try {
            channel = FileChannel.open(absolute, options);
            taken = channel.tryLock() != null;
            return taken ? Optional.of(new ProcessLock(absolute, channel)) : Optional.empty();
        } finally {
            if (!taken) {
                release(absolute, channel);
            }
        }
    }

    private static void release(Path file, FileChannel channel) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            HELD.remove(file);
        }
    }

    Path file() {
        return file;
    }

    /** Gives the lock up; the file stays. */
    @Override
    public void close() throws IOException {
        release(file, channel);
    }
}
