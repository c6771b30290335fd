package io.tandem.engine.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a backend keeps the matrices of a model. */
public enum WeightFormat {

    /** As the checkpoint has them: products are exact up to the rounding of their sums. */
    STORED,

    /** In 8 bits with one scale for each output, {@code max|w| / 127}: half of bf16's bytes, and an approximation. */
    INT8;

    /** Names that {@code tandem.engine.weights} may have. */
    public static List<String> names() {
        return Arrays.stream(values()).map(WeightFormat::label).toList();
    }

    /**
     * The format that {@code tandem.engine.weights} selects by its name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static WeightFormat named(String name) {
        return Arrays.stream(values())
                .filter(format -> format.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "tandem.engine.weights is \"" + name + "\", must be one of " + String.join(", ", names())));
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
