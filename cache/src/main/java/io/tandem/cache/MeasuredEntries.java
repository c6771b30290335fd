package io.tandem.cache;

import java.util.function.Supplier;

/**
 * Entries whose reads and writes are counted and timed as one tier of the cache. Safe for any number of threads.
 *
 * <p>Time is what callers wait: from asking to being let go, and again from awaiting to the answer. What passes between
 * the two, while a caller works and chunks are on their way, costs nobody anything.
 */
final class MeasuredEntries implements Entries, Tier {
    private final String name;
    private final Entries entries;
    private final TierCounters counters = new TierCounters();

    /** @param entries belong to this object from now on */
    MeasuredEntries(String name, Entries entries) {
        this.name = name;
        this.entries = entries;
    }

    @Override
    public String tierName() {
        return name;
    }

    @Override
    public TierStatistics tierStatistics() {
        return counters.statistics(entries.holdings().bytes());
    }

    @Override
    public Reply<byte[]> get(byte[] key) {
        long begun = System.nanoTime();
        Reply<byte[]> reply = counted(() -> entries.get(key));
        long waited = System.nanoTime() - begun;
        return () -> {
            long start = System.nanoTime();
            byte[] value = counted(reply::await);
            long nanos = waited + System.nanoTime() - start;
            if (value == null) {
                counters.miss(nanos);
            } else {
                counters.hit(value.length, nanos);
            }
            return value;
        };
    }

    @Override
    public Reply<Boolean> touch(byte[] key) {
        Reply<Boolean> reply = counted(() -> entries.touch(key));
        return () -> counted(reply::await);
    }

    @Override
    public Reply<Void> put(byte[] key, byte[] value) {
        long begun = System.nanoTime();
        Reply<Void> reply = counted(() -> entries.put(key, value));
        long waited = System.nanoTime() - begun;
        return () -> {
            long start = System.nanoTime();
            counted(reply::await);
            counters.written(value.length, waited + System.nanoTime() - start);
            return null;
        };
    }

    @Override
    public Reply<Void> remove(byte[] key) {
        Reply<Void> reply = counted(() -> entries.remove(key));
        return () -> counted(reply::await);
    }

    @Override
    public byte[] putManifest(byte[] key, byte[] encoded) {
        long start = System.nanoTime();
        byte[] present = counted(() -> entries.putManifest(key, encoded));
        counters.written(encoded.length, System.nanoTime() - start);
        return present;
    }

    @Override
    public boolean removeManifest(byte[] key, byte[] encoded) {
        return counted(() -> entries.removeManifest(key, encoded));
    }

    @Override
    public void requireReachable() {
        entries.requireReachable();
    }

    @Override
    public Holdings holdings() {
        return entries.holdings();
    }

    @Override
    public int readAhead() {
        return entries.readAhead();
    }

    @Override
    public void close() {
        entries.close();
    }

    private <T> T counted(Supplier<T> operation) {
        try {
            return operation.get();
        } catch (StoreUnavailableException unreachable) {
            counters.failed();
            throw unreachable;
        }
    }
}
