package io.tandem.engine.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** The shapes of the released T5Gemma 2 checkpoints, to measure without their files; serving never assumes any. */
public final class ModelShapes {

    private static final int VOCABULARY = 262_144;
    private static final int POSITIONS = 131_072;

    /** Of every six layers the last one is full. */
    private static final int LAYER_PERIOD = 6;

    private static final VisionConfig SIGLIP_SO400M = new VisionConfig(1152, 27, 16, 4304, 896, 14, 3, 1e-6f);

    private ModelShapes() {}

    /**
     * A released model without its vision tower.
     *
     * @param name {@code 270m}, {@code 1b} or {@code 4b}: the size of each of the two sides
     * @throws IllegalArgumentException for any other name
     */
    public static ModelConfig named(String name) {
        return named(name, false);
    }

    /**
     * A released model.
     *
     * @param name {@code 270m}, {@code 1b} or {@code 4b}: the size of each of the two sides
     * @param vision whether with the vision tower
     * @throws IllegalArgumentException for any other name
     */
    public static ModelConfig named(String name, boolean vision) {
        TextConfig text =
                switch (name) {
                    case "270m" -> text(new Size(18, 640, 4, 1, 2048, 512));
                    case "1b" -> text(new Size(26, 1152, 4, 1, 6912, 512));
                    case "4b" -> text(new Size(34, 2560, 8, 4, 10_240, 1024));
                    default -> throw new IllegalArgumentException("no model is named " + name + "; 270m, 1b, 4b are");
                };
        return new ModelConfig(
                text,
                text,
                vision ? Optional.of(SIGLIP_SO400M) : Optional.empty(),
                VOCABULARY,
                255_999,
                256_000,
                256_001,
                256,
                0,
                2,
                List.of(1));
    }

    private record Size(int layers, int hiddenSize, int heads, int kvHeads, int intermediateSize, int window) {}

    private static TextConfig text(Size size) {
        List<LayerType> layerTypes = IntStream.rangeClosed(1, size.layers())
                .mapToObj(layer -> layer % LAYER_PERIOD == 0 ? LayerType.FULL : LayerType.SLIDING)
                .toList();
        return new TextConfig(
                size.layers(),
                size.hiddenSize(),
                size.heads(),
                size.kvHeads(),
                256,
                size.intermediateSize(),
                VOCABULARY,
                size.window(),
                POSITIONS,
                1e-6f,
                256,
                layerTypes,
                new RopeConfig(10_000, 1),
                new RopeConfig(1_000_000, 8),
                OptionalDouble.empty());
    }
}
