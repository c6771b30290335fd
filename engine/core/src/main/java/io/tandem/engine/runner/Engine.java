package io.tandem.engine.runner;

import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Model;
import io.tandem.engine.model.Part;
import io.tandem.engine.ops.Ops;
import java.util.Map;
import java.util.Set;

/**
 * A loaded model with the backend it computes on, and the runners that services see.
 *
 * <p>Owned by the process that opened it; each runner is made once and closed before the engine.
 */
public final class Engine implements AutoCloseable {

    private final Ops ops;
    private final Model model;
    private final String fingerprint;
    private final ComputeTurns turns = new ComputeTurns();

    private Engine(Ops ops, Model model, String fingerprint) {
        this.ops = ops;
        this.model = model;
        this.fingerprint = fingerprint;
    }

    /**
     * Loads parts of a model.
     *
     * @param source may be closed afterwards
     * @param ops belongs to the engine from now on, also when this fails
     * @throws io.tandem.engine.checkpoint.CheckpointException if the weights can't be used, naming the tensor
     */
    public static Engine load(WeightSource source, Ops ops, Set<Part> parts, LoadProgress progress) {
        try {
            return new Engine(ops, Model.load(source, ops, parts, progress), source.fingerprint());
        } catch (RuntimeException e) {
            ops.close();
            throw e;
        }
    }

    /** The model's dimensions and special tokens. */
    public ModelConfig config() {
        return model.config();
    }

    /** Stands for the model's configuration and weights. */
    public String fingerprint() {
        return fingerprint;
    }

    /** Name of the backend. */
    public String backend() {
        return ops.name();
    }

    /** What distinguishes this backend's results from another's, for content keys. */
    public String numerics() {
        return ops.numerics();
    }

    /** Threads it computes with. */
    public int threads() {
        return ops.threads();
    }

    /** What the backend counted since it was opened, by name. */
    public Map<String, Long> counters() {
        return ops.counters();
    }

    /** True if the checkpoint has a vision tower and it was loaded. */
    public boolean hasVision() {
        return model.hasVision();
    }

    /** A runner for pictures. */
    public VisionRunner newVisionRunner() {
        return new ModelVisionRunner(model, turns);
    }

    /** A runner for texts. */
    public EncoderRunner newEncoderRunner() {
        return new ModelEncoderRunner(model, turns);
    }

    /**
     * A runner for answers.
     *
     * @param pages pages for the answers' own keys and values
     * @param pageTokens tokens a page holds
     */
    public DecoderRunner newDecoderRunner(int pages, int pageTokens) {
        return new ModelDecoderRunner(model, turns, pages, pageTokens);
    }

    /** Bytes that one token of an answer takes in the pages. */
    public long pageBytesPerToken() {
        return model.kvShape().bytesPerToken();
    }

    /** Gives back weights and threads; the runners are closed by then. */
    @Override
    public void close() {
        model.close();
        ops.close();
    }
}
