package io.tandem.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The right to download one blob, among all threads and processes of this machine. Owned by the thread that got it. */
final class BlobLock implements AutoCloseable {

    /** The operating system's locks belong to a process; between threads of this one it needs another. */
    private static final Map<Path, ReentrantLock> IN_THIS_PROCESS = new ConcurrentHashMap<>();

    /**
     * How often to look whether another process has ended. Waiting inside the operating system won't do: where two
     * processes wait for each other with several threads, it takes that for a deadlock and refuses.
     */
    private static final Duration LOOK = Duration.ofMillis(200);

    private final ReentrantLock among;
    private final FileChannel file;

    private BlobLock(ReentrantLock among, FileChannel file) {
        this.among = among;
        this.file = file;
    }

    /**
     * Waits until nobody else has the lock; the end of a process gives its locks back.
     *
     * @param waits how the time between two looks passes
     * @param waiting called if it takes a wait
     */
    static BlobLock acquire(Path path, Waits waits, Runnable waiting) throws IOException, InterruptedException {
        ReentrantLock among = IN_THIS_PROCESS.computeIfAbsent(path, key -> new ReentrantLock());
        boolean told = !among.tryLock();
        if (told) {
            waiting.run();
            among.lockInterruptibly();
        }
        try {
            return new BlobLock(among, locked(path, waits, told ? () -> {} : waiting));
        } catch (IOException | InterruptedException | RuntimeException e) {
            among.unlock();
            throw e;
        }
    }

    private static FileChannel locked(Path path, Waits waits, Runnable waiting)
            throws IOException, InterruptedException {
        Files.createDirectories(path.getParent());
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (file.tryLock() == null) {
                waiting.run();
                do {
                    waits.pause(LOOK);
                } while (file.tryLock() == null);
            }
            return file;
        } catch (IOException | InterruptedException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Gives the lock to the next. The file stays, as one that is deleted can be locked twice. */
    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            among.unlock();
        }
    }
}
