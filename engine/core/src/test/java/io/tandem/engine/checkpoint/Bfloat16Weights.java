package io.tandem.engine.checkpoint;

import io.tandem.engine.config.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Another source's weights, each rounded to the nearest bfloat16 (ties to even): what golden cases marked
 * {@code weights: bfloat16} were computed with. Owns the other source; any thread may ask.
 */
public final class Bfloat16Weights implements WeightSource {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Arena arena = Arena.ofShared();
    private final WeightSource exact;
    private final Map<String, StoredTensor> rounded = new ConcurrentHashMap<>();

    /** @param exact closed together with this */
    public Bfloat16Weights(WeightSource exact) {
        this.exact = exact;
    }

    @Override
    public ModelConfig config() {
        return exact.config();
    }

    @Override
    public StoredTensor tensor(String canonicalName) {
        return rounded.computeIfAbsent(canonicalName, name -> rounded(exact.tensor(name)));
    }

    /** The reference converts its constants with the weights. */
    @Override
    public DType constants() {
        return DType.BF16;
    }

    @Override
    public String fingerprint() {
        return Fingerprint.of("bfloat16", exact.fingerprint());
    }

    @Override
    public void close() {
        arena.close();
        exact.close();
    }

    private StoredTensor rounded(StoredTensor tensor) {
        float[] values = tensor.toFloats();
        MemorySegment data = arena.allocate((long) values.length * Short.BYTES);
        for (int i = 0; i < values.length; i++) {
            data.set(SHORT, (long) i * Short.BYTES, DType.bfloat16(values[i]));
        }
        return new StoredTensor(tensor.name(), DType.BF16, tensor.shape(), data);
    }
}
