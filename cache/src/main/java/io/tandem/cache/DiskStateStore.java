package io.tandem.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/**
 * A store that also keeps its states on disk, so that they survive a restart, and fetches them from there when they are
 * missed. Safe for any number of threads; owns the store inside it.
 *
 * <p>States are written in the background by one thread, which reads them from the store inside: what waits is keys only.
 */
final class DiskStateStore implements StateStore, Tier {
    private static final Logger LOG = Logger.getLogger(DiskStateStore.class);

    /** How long closing waits for states that are still to be written. */
    private static final long DRAIN_SECONDS = 10;

    private final StateStore inner;
    private final StateFolder folder;
    private final ThreadPoolExecutor writer;
    private final TierCounters counters = new TierCounters();

    /** One of them is held while a state moves to or from the disk or is removed; by the state's key. */
    private final Lock[] locks;

    private final LongAdder found = new LongAdder();
    private final LongAdder restored = new LongAdder();
    private final LongAdder damaged = new LongAdder();

    /** Whether the last use of the folder failed, so that a full disk is told once. */
    private final AtomicBoolean failing = new AtomicBoolean();

    /**
     * Starts the thread that writes.
     *
     * @param inner belongs to this store from now on
     * @param queueLength states that may wait to be written; further ones are not written
     */
    DiskStateStore(StateStore inner, StateFolder folder, int queueLength) {
        this.inner = inner;
        this.folder = folder;
        this.locks =
                IntStream.range(0, 64).mapToObj(lock -> new ReentrantLock()).toArray(Lock[]::new);
        this.writer = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queueLength),
                Thread.ofPlatform().daemon().name("tandem-cache-disk").factory(),
                (refused, executor) -> counters.skipped());
        writer.execute(this::tidy);
    }

    @Override
    public Optional<StateManifest> find(ContentKey key) {
        Optional<StateManifest> present = inner.find(key);
        if (present.isPresent()) {
            folder.use(key);
            return present;
        }
        try {
            Optional<StateManifest> fetched = fetch(key);
            if (fetched.isPresent()) {
                found.increment();
            }
            return fetched;
        } catch (StoreUnavailableException unreachable) {
            // Whoever misses a state reads or writes next, and is told then.
            return Optional.empty();
        }
    }

    @Override
    public Optional<StateReader> read(ContentKey key) {
        Optional<StateReader> present = inner.read(key);
        return present.isPresent() ? present : fetch(key).flatMap(fetched -> inner.read(key));
    }

    @Override
    public StateWriter write(ContentKey key, int rows, int columns) {
        StateWriter state = inner.write(key, rows, columns);
        return new StateWriter() {
            @Override
            public void append(float[] values, int offset, int rowCount) {
                state.append(values, offset, rowCount);
            }

            @Override
            public StateManifest commit() {
                StateManifest manifest = state.commit();
                writer.execute(() -> save(key));
                return manifest;
            }

            @Override
            public void close() {
                state.close();
            }
        };
    }

    @Override
    public void remove(ContentKey key) {
        Lock lock = lockOf(key);
        lock.lock();
        try {
            inner.remove(key);
            folder.remove(key);
        } catch (IOException failure) {
            // Unlike a state that was not written, one that was not removed is for its caller to know of.
            throw new StoreUnavailableException("state " + key + " could not be removed from the disk", failure);
        } finally {
            lock.unlock();
        }
    }

    /** As callers see it: a state that came back from the disk was found, and was not written. */
    @Override
    public CacheStatistics statistics() {
        CacheStatistics figures = inner.statistics();
        return new CacheStatistics(
                figures.entries(),
                figures.bytesHeld(),
                figures.maxBytes(),
                figures.hits() + found.sum(),
                figures.misses() - found.sum(),
                figures.lost() + damaged.sum(),
                figures.writes() - restored.sum(),
                figures.bytesRead(),
                figures.bytesWritten(),
                figures.evictions());
    }

    @Override
    public String tierName() {
        return "disk";
    }

    @Override
    public TierStatistics tierStatistics() {
        return counters.statistics(folder.bytes());
    }

    /** Writes what still waits, for a bounded time. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                LOG.warnf(
                        "%d states were not written to disk within %d s",
                        writer.getQueue().size(), DRAIN_SECONDS);
                writer.shutdownNow();
                writer.awaitTermination(1, TimeUnit.SECONDS);
            }
        } catch (InterruptedException interrupted) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        } finally {
            inner.close();
        }
    }

    /** Copies a state from the disk to the store inside, unless another thread just did. */
    private Optional<StateManifest> fetch(ContentKey key) {
        if (!folder.contains(key)) {
            counters.miss(0);
            return Optional.empty();
        }
        Lock lock = lockOf(key);
        lock.lock();
        try {
            Optional<StateReader> present = inner.read(key);
            return present.isPresent() ? present.map(StateReader::manifest) : restore(key);
        } finally {
            lock.unlock();
        }
    }

    private Optional<StateManifest> restore(ContentKey key) {
        long start = System.nanoTime();
        try (FileChannel file = folder.read(key)) {
            StateManifest shape = StateFile.readManifest(file, key);
            try (StateWriter state = inner.write(key, shape.rows(), shape.columns())) {
                StateFile.readValues(file, shape, state);
                StateManifest manifest = state.commit();
                restored.increment();
                counters.hit(StateFile.length(shape), System.nanoTime() - start);
                return Optional.of(manifest);
            }
        } catch (NoSuchFileException | StateTooLargeException | StateLostException noUse) {
            // Removed by another process, or from a time when more fitted into memory.
            LOG.debugf("State %s is not restored: %s", key, noUse.getMessage());
        } catch (DamagedFileException wrong) {
            forget(key, wrong);
        } catch (IOException failure) {
            failed(failure);
        }
        counters.miss(System.nanoTime() - start);
        return Optional.empty();
    }

    private void forget(ContentKey key, DamagedFileException wrong) {
        damaged.increment();
        LOG.warnf("State %s on disk is damaged and deleted: %s", key, wrong.getMessage());
        try {
            folder.remove(key);
        } catch (IOException failure) {
            failed(failure);
        }
    }

    private void tidy() {
        try {
            folder.tidy(0);
        } catch (IOException failure) {
            failed(failure);
        }
    }

    /** Called by the writing thread. */
    private void save(ContentKey key) {
        Lock lock = lockOf(key);
        lock.lock();
        try {
            if (!folder.contains(key)) {
                copyToDisk(key);
            }
        } catch (StateLostException | StoreUnavailableException gone) {
            counters.skipped();
        } catch (IOException failure) {
            failed(failure);
        } finally {
            lock.unlock();
        }
    }

    private void copyToDisk(ContentKey key) throws IOException {
        long start = System.nanoTime();
        Optional<StateReader> state = inner.read(key);
        long length = state.isPresent() ? folder.write(key, state.get()) : 0;
        if (length == 0) {
            counters.skipped();
            return;
        }
        counters.written(length, System.nanoTime() - start);
        if (failing.getAndSet(false)) {
            LOG.info("States can be written to disk again");
        }
    }

    private void failed(IOException failure) {
        counters.failed();
        if (!failing.getAndSet(true)) {
            LOG.warnf("States on disk can't be used: %s", failure);
        }
    }

    private Lock lockOf(ContentKey key) {
        return locks[Math.floorMod(key.hashCode(), locks.length)];
    }
}
