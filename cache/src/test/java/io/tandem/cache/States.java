package io.tandem.cache;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Makes states for tests, and writes and reads them whole. */
final class States {
    private States() {}

    static ChunkedStateStore openLocal(String maxSize, String chunkSize) {
        return (ChunkedStateStore) StateStores.openLocal(ByteSize.parse(maxSize), ByteSize.parse(chunkSize));
    }

    /** Settings as an application reads them. */
    static CacheConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .withMapping(CacheConfig.class)
                .build()
                .getConfigMapping(CacheConfig.class);
    }

    static ContentKey key(int number) {
        return ContentKey.of(
                ByteBuffer.allocate(ContentKey.LENGTH).putInt(28, number).array());
    }

    /** Values that differ from seed to seed and contain every kind of float. */
    static float[] values(int rows, int columns, int seed) {
        Random random = new Random(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        float[] special = {-0.0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, Float.NaN};
        System.arraycopy(special, 0, values, 0, Math.min(special.length, values.length));
        return values;
    }

    static StateManifest write(StateStore store, ContentKey key, float[] values, int columns) {
        int rows = values.length / columns;
        try (StateWriter writer = store.write(key, rows, columns)) {
            writer.append(values, 0, rows);
            return writer.commit();
        }
    }

    /** Returns all values, or nothing if the store has no such state. */
    static Optional<float[]> read(StateStore store, ContentKey key) {
        return store.read(key).map(reader -> {
            StateManifest manifest = reader.manifest();
            float[] values = new float[manifest.rows() * manifest.columns()];
            reader.forEachChunk((data, firstRow, rowCount) ->
                    System.arraycopy(data, 0, values, firstRow * manifest.columns(), rowCount * manifest.columns()));
            return values;
        });
    }

    static boolean sameBits(float[] expected, float[] actual) {
        return Arrays.equals(bits(expected), bits(actual));
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }
}
