package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The store inside this process. */
class LocalStateStoreTest extends StateStoreContract {
    @Override
    ChunkedStateStore openStore() {
        return States.openLocal("8M", "4K");
    }

    @Override
    long held(ChunkedStateStore store) {
        return store.statistics().bytesHeld();
    }

    @Test
    void whatIsHeldIsCounted() {
        try (ChunkedStateStore store = openStore()) {
            StateManifest first = States.write(store, States.key(1), States.values(100, 64, 1), 64);
            States.write(store, States.key(2), States.values(100, 64, 2), 64);
            assertEquals(2, store.statistics().entries());
            assertTrue(held(store) > 51_200, "held: " + held(store));
            store.entries().remove(StateCodec.chunkKey(States.key(1), first.generation(), 3));
            store.find(States.key(1));
            assertEquals(1, store.statistics().entries());
        }
    }
}
