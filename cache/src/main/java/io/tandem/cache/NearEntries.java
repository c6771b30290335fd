package io.tandem.cache;

/**
 * Chunks kept near, in this process, in front of the entries that all processes share. Safe for any number of threads.
 *
 * <p>A chunk never changes under its key, so a copy is as good as the original. Manifests are always asked for where
 * everybody sees them, and so is whether a state is whole: a state that only this process still has must not be promised
 * to others, and one that was removed must not live on here.
 */
final class NearEntries implements Entries {
    private final Entries near;
    private final Entries far;

    /** @param near bounded memory of this process; both belong to this object from now on */
    NearEntries(Entries near, Entries far) {
        this.near = near;
        this.far = far;
    }

    @Override
    public Reply<byte[]> get(byte[] key) {
        if (StateCodec.isManifestKey(key)) {
            return far.get(key);
        }
        byte[] copy = near.get(key).await();
        if (copy != null) {
            return Reply.of(copy);
        }
        Reply<byte[]> fetched = far.get(key);
        return () -> keep(key, fetched.await());
    }

    @Override
    public Reply<Boolean> touch(byte[] key) {
        return far.touch(key);
    }

    @Override
    public Reply<Void> put(byte[] key, byte[] value) {
        Reply<Void> stored = far.put(key, value);
        if (!StateCodec.isManifestKey(key)) {
            near.put(key, value).await();
        }
        return stored;
    }

    @Override
    public Reply<Void> remove(byte[] key) {
        near.remove(key).await();
        return far.remove(key);
    }

    @Override
    public byte[] putManifest(byte[] key, byte[] encoded) {
        return far.putManifest(key, encoded);
    }

    @Override
    public boolean removeManifest(byte[] key, byte[] encoded) {
        return far.removeManifest(key, encoded);
    }

    @Override
    public void requireReachable() {
        far.requireReachable();
    }

    /** Of what is shared; what is near is a copy. */
    @Override
    public Holdings holdings() {
        return far.holdings();
    }

    @Override
    public int readAhead() {
        return far.readAhead();
    }

    @Override
    public void close() {
        far.close();
        near.close();
    }

    private byte[] keep(byte[] key, byte[] value) {
        if (value != null) {
            near.put(key, value).await();
        }
        return value;
    }
}
