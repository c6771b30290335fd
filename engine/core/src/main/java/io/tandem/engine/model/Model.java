package io.tandem.engine.model;

import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.ops.Embedding;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.KvShape;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.StateBlock;
import java.util.Optional;
import java.util.Set;

/**
 * The weights of the parts that a process runs, in the layout of its backend.
 *
 * <p>Immutable and shared by all forward passes made from it; owned by whoever loaded it, and closed after them.
 */
public final class Model implements AutoCloseable {

    private final ModelConfig config;
    private final Ops ops;
    private final WeightLoader loaded;
    private final Optional<TextStack> encoder;
    private final Optional<TextStack> decoder;
    private final Optional<VisionTower.Weights> vision;

    private Model(WeightSource source, Ops ops, Set<Part> parts, WeightLoader loader) {
        this.config = source.config();
        this.ops = ops;
        this.loaded = loader;
        TextStackLoader text = new TextStackLoader(loader);
        Optional<Embedding> embedding = parts.contains(Part.ENCODER) || parts.contains(Part.DECODER)
                ? Optional.of(text.embedding(parts.contains(Part.DECODER)))
                : Optional.empty();
        this.encoder = embedding
                .filter(table -> parts.contains(Part.ENCODER))
                .map(table -> text.stack("encoder", config.encoder(), table));
        this.decoder = embedding
                .filter(table -> parts.contains(Part.DECODER))
                .map(table -> text.stack("decoder", config.decoder(), table));
        this.vision = config.vision()
                .filter(tower -> parts.contains(Part.VISION))
                .map(tower -> new VisionLoader(loader, tower).load());
    }

    /**
     * Loads parts of a model; the source may be closed afterwards.
     *
     * @param parts a vision part that the checkpoint doesn't have is left out
     * @throws io.tandem.engine.checkpoint.CheckpointException if the backend can't compute with the checkpoint's weights
     */
    public static Model load(WeightSource source, Ops ops, Set<Part> parts, LoadProgress progress) {
        WeightLoader loader = new WeightLoader(source, ops, progress);
        try {
            return new Model(source, ops, parts, loader);
        } catch (RuntimeException e) {
            loader.close();
            throw e;
        }
    }

    /** What was loaded. */
    public ModelConfig config() {
        return config;
    }

    /** A forward pass of the encoder, with activations of its own. */
    public Encoder newEncoder() {
        return new Encoder(ops, require(encoder, Part.ENCODER));
    }

    /** A forward pass of the decoder over pages that it owns from now on. */
    public Decoder newDecoder(KvPages pages) {
        return new Decoder(ops, require(decoder, Part.DECODER), pages);
    }

    /** A forward pass of the vision tower. */
    public VisionTower newVisionTower() {
        return new VisionTower(ops, require(vision, Part.VISION));
    }

    /** True if pictures can be read. */
    public boolean hasVision() {
        return vision.isPresent();
    }

    /** Sizes of the decoder's keys and values. */
    public KvShape kvShape() {
        return Decoder.kvShape(config.decoder());
    }

    /** Storage for the decoder's own keys and values. */
    public KvPages newPages(int pages, int pageTokens) {
        return ops.kvPages(kvShape(), pages, pageTokens);
    }

    /** Storage for the keys and values of a segment. */
    public KvBlock newBlock(int tokens) {
        return ops.kvBlock(kvShape(), tokens);
    }

    /** What fills such storage. */
    public EncoderProjection newProjection() {
        return new EncoderProjection(ops, require(decoder, Part.DECODER));
    }

    /** Storage for the states of a segment that is attended to as it is. */
    public StateBlock newStateBlock(int tokens) {
        return ops.stateBlock(kvShape(), config.decoder().hiddenSize(), tokens);
    }

    /** What fills storage for states. */
    public EncoderAbsorption newAbsorption() {
        return new EncoderAbsorption(ops, require(decoder, Part.DECODER));
    }

    /** Where its forward passes compute. */
    public Ops ops() {
        return ops;
    }

    private static <T> T require(Optional<T> loaded, Part part) {
        return loaded.orElseThrow(() -> new IllegalStateException("the part " + part + " was not loaded"));
    }

    @Override
    public void close() {
        loaded.close();
    }
}
