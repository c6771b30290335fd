package io.tandem.cache;

import java.util.Optional;

/** A store that passes everything on, for tests that change one thing. */
class ForwardingStateStore implements StateStore {
    private final StateStore store;

    ForwardingStateStore(StateStore store) {
        this.store = store;
    }

    @Override
    public Optional<StateManifest> find(ContentKey key) {
        return store.find(key);
    }

    @Override
    public Optional<StateReader> read(ContentKey key) {
        return store.read(key);
    }

    @Override
    public StateWriter write(ContentKey key, int rows, int columns) {
        return store.write(key, rows, columns);
    }

    @Override
    public void remove(ContentKey key) {
        store.remove(key);
    }

    @Override
    public CacheStatistics statistics() {
        return store.statistics();
    }

    @Override
    public void close() {
        store.close();
    }
}
