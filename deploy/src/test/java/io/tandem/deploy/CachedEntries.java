package io.tandem.deploy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.infinispan.client.hotrod.RemoteCache;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.configuration.ConfigurationBuilder;
import org.infinispan.commons.marshall.IdentityMarshaller;

/**
 * The entries on the nodes of the cache, to lose and to damage some. A chunk's key is its state's, 32 bytes, a generation of 8 bytes, and
 * its number, an int. Owned and used by one test.
 */
final class CachedEntries implements AutoCloseable {

    private static final int CHUNK_KEY_LENGTH = 32 + Long.BYTES + Integer.BYTES;

    private final RemoteCacheManager client;
    private final RemoteCache<byte[], byte[]> cache;

    private CachedEntries(RemoteCacheManager client) {
        this.client = client;
        this.cache = client.getCache("tandem-states");
    }

    /** Those on nodes that are up. */
    static CachedEntries of(List<SplitProcess.Member> nodes) {
        ConfigurationBuilder configuration = new ConfigurationBuilder()
                .addServers(nodes.stream().map(SplitProcess.Member::address).collect(Collectors.joining(";")));
        configuration.marshaller(new IdentityMarshaller());
        return new CachedEntries(new RemoteCacheManager(configuration.build()));
    }

    /** Changes a bit of every chunk; returns how many there are. */
    int damageChunks() {
        List<byte[]> chunks = chunks();
        for (byte[] key : chunks) {
            byte[] value = cache.get(key);
            value[value.length / 2] ^= 1;
            cache.put(key, value);
        }
        return chunks.size();
    }

    /** Removes the second chunk of every state that has one; returns how many had. */
    int dropSecondChunks() {
        List<byte[]> second = chunks().stream()
                .filter(key -> ByteBuffer.wrap(key).getInt(CHUNK_KEY_LENGTH - Integer.BYTES) == 1)
                .toList();
        second.forEach(cache::remove);
        return second.size();
    }

    private List<byte[]> chunks() {
        List<byte[]> chunks = new ArrayList<>();
        try (var keys = cache.keySet().iterator()) {
            keys.forEachRemaining(key -> {
                if (key.length == CHUNK_KEY_LENGTH) {
                    chunks.add(key);
                }
            });
        }
        return chunks;
    }

    @Override
    public void close() {
        client.stop();
    }
}
