package io.tandem.engine.checkpoint;

import io.tandem.engine.checkpoint.WeightFiles.Located;
import io.tandem.engine.config.ModelConfig;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.SequencedMap;

/**
 * A checkpoint folder whose files have all been checked against each other and are mapped, not loaded; immutable until
 * its owner closes it, and read by any thread.
 */
public final class Checkpoint implements WeightSource {

    private final Arena arena;
    private final ModelConfig config;
    private final SequencedMap<String, StoredTensor> tensors;
    private final String fingerprint;

    private Checkpoint(
            Arena arena, ModelConfig config, SequencedMap<String, StoredTensor> tensors, String fingerprint) {
        this.arena = arena;
        this.config = config;
        this.tensors = tensors;
        this.fingerprint = fingerprint;
    }

    /**
     * Opens a folder as it comes from the Hugging Face hub. Every tensor is known to be there, of the right shape and of
     * a supported dtype when this returns; what stands in it is read when it is used.
     *
     * <p>Files must stay as they are while the checkpoint is open. Of the weights only a sample is read (see
     * {@link #fingerprint()}), and tied tensors that are stored more than once are compared in full.
     *
     * @param directory with {@code config.json} and {@code model.safetensors} or its shards
     * @throws CheckpointException naming the file, and the key or tensor, where anything is missing, malformed,
     *     inconsistent or not supported
     */
    public static Checkpoint open(Path directory) {
        ModelConfig config = ModelConfig.read(directory);
        Arena arena = Arena.ofShared();
        try {
            SequencedMap<String, Located> found = WeightFiles.open(directory, arena);
            SequencedMap<String, StoredTensor> tensors = TensorMatch.match(directory, config, found);
            return new Checkpoint(arena, config, tensors, Fingerprint.of(directory, tensors.values()));
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public StoredTensor tensor(String canonicalName) {
        StoredTensor tensor = tensors.get(canonicalName);
        if (tensor == null) {
            throw new IllegalArgumentException("the model has no tensor " + canonicalName);
        }
        return tensor;
    }

    /**
     * {@inheritDoc}
     *
     * <p>SHA-256 over {@code config.json}, {@code tokenizer.json}, {@code preprocessor_config.json} and
     * {@code processor_config.json} byte by byte, and of each tensor its canonical name, dtype, shape and a sample of its
     * bytes: all of them up to 1 MiB, else the first 4 KiB of every MiB and the last 4 KiB. So the same weights under
     * other names or in other shards have the same fingerprint, training changes it, and 15 GB are sampled in a second;
     * an edit by hand of a few numbers within a large tensor can go unnoticed.
     */
    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        arena.close();
    }
}
