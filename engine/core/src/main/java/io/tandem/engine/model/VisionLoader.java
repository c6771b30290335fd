package io.tandem.engine.model;

import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.checkpoint.TensorNames;
import io.tandem.engine.config.VisionConfig;
import io.tandem.engine.ops.Epilogue;
import io.tandem.engine.ops.LayerNorm;
import io.tandem.engine.ops.RmsNorm;
import io.tandem.engine.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Builds the vision tower's weights from a checkpoint's tensors. */
final class VisionLoader {

    private final WeightLoader weights;
    private final VisionConfig config;

    VisionLoader(WeightLoader weights, VisionConfig config) {
        this.weights = weights;
        this.config = config;
    }

    VisionTower.Weights load() {
        if (config.imageSize() % config.patchSize() != 0) {
            throw new CheckpointException("config.json: image_size %d is not a multiple of patch_size %d"
                    .formatted(config.imageSize(), config.patchSize()));
        }
        weights.begin("vision", "vision.", "projector.");
        VisionLayer.Linear patchEmbedding = linear("vision.embeddings.patch_embedding", Epilogue.BiasAdd::new);
        Tensor positions = weights.table("vision.embeddings.position_embedding.weight");
        List<VisionLayer> layers = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            layers.add(layer("vision.encoder.layers." + layer + "."));
        }
        return new VisionTower.Weights(
                config,
                patchEmbedding,
                positions,
                layers,
                norm("vision.post_layernorm"),
                new RmsNorm(weights.vector(TensorNames.PROJECTION_NORM), config.layerNormEps()),
                weights.transposedMatrix(TensorNames.PROJECTION),
                weights.config().tokensPerImage());
    }

    private VisionLayer layer(String prefix) {
        return new VisionLayer(
                norm(prefix + "layer_norm1"),
                linear(prefix + "self_attn.q_proj", Epilogue.Bias::new),
                linear(prefix + "self_attn.k_proj", Epilogue.Bias::new),
                linear(prefix + "self_attn.v_proj", Epilogue.Bias::new),
                linear(prefix + "self_attn.out_proj", Epilogue.BiasAdd::new),
                norm(prefix + "layer_norm2"),
                linear(prefix + "mlp.fc1", Epilogue.BiasGelu::new),
                linear(prefix + "mlp.fc2", Epilogue.BiasAdd::new));
    }

    private VisionLayer.Linear linear(String module, Function<Tensor, Epilogue> epilogue) {
        return new VisionLayer.Linear(
                weights.matrix(module + ".weight"), epilogue.apply(weights.vector(module + ".bias")));
    }

    private LayerNorm norm(String module) {
        return new LayerNorm(
                weights.vector(module + ".weight"), weights.vector(module + ".bias"), config.layerNormEps());
    }
}
