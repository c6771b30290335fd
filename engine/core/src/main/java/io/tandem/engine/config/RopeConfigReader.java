package io.tandem.engine.config;

import java.util.Optional;

/**
 * Reads rotary embeddings: {@code rope_parameters} with an entry a layer type, or the older {@code rope_theta},
 * {@code rope_scaling} (full layers) and {@code rope_local_base_freq} (sliding layers).
 */
final class RopeConfigReader {

    private static final String PARAMETERS = "rope_parameters";

    private RopeConfigReader() {}

    static RopeConfig full(ConfigSection text) {
        Optional<ConfigSection> entry = entry(text, "full_attention");
        // As in transformers, the old key wins where a file has both.
        Optional<ConfigSection> scaling = text.section("rope_scaling");
        double theta = scaling.flatMap(section -> section.optionalPositive("rope_theta"))
                .or(() -> entry.flatMap(section -> section.optionalPositive("rope_theta")))
                .or(() -> text.optionalPositive("rope_theta"))
                .orElse(1_000_000.0);
        if (scaling.isPresent()) {
            return new RopeConfig(theta, factor(scaling.get(), typeOfScaling(scaling.get())));
        }
        return new RopeConfig(theta, entry.map(RopeConfigReader::factorOfEntry).orElse(1.0));
    }

    static RopeConfig sliding(ConfigSection text) {
        Optional<ConfigSection> entry = entry(text, "sliding_attention");
        double theta = entry.flatMap(section -> section.optionalPositive("rope_theta"))
                .or(() -> text.optionalPositive("rope_local_base_freq"))
                .orElse(10_000.0);
        return new RopeConfig(theta, entry.map(RopeConfigReader::factorOfEntry).orElse(1.0));
    }

    private static Optional<ConfigSection> entry(ConfigSection text, String layerType) {
        Optional<ConfigSection> parameters = text.section(PARAMETERS);
        parameters.ifPresent(section -> section.node().fieldNames().forEachRemaining(key -> {
            if (!key.equals("full_attention") && !key.equals("sliding_attention")) {
                throw section.refuse(key, "is not a layer type, only full_attention and sliding_attention are");
            }
        }));
        return parameters.flatMap(section -> section.section(layerType));
    }

    private static String typeOfScaling(ConfigSection scaling) {
        if (scaling.value("rope_type").isEmpty() && scaling.value("type").isPresent()) {
            // transformers leaves "type" unread here and doesn't scale; the author surely meant it to.
            throw scaling.refuse("type", "is given without rope_type, which the reference ignores; rename it");
        }
        return scaling.text("rope_type").orElse("default");
    }

    private static double factorOfEntry(ConfigSection entry) {
        return factor(
                entry, entry.text("rope_type").or(() -> entry.text("type")).orElse("default"));
    }

    private static double factor(ConfigSection section, String type) {
        section.optionalPositive("partial_rotary_factor")
                .filter(part -> part != 1)
                .ifPresent(part -> {
                    throw section.refuse("partial_rotary_factor", "is " + part + ", only 1 is supported");
                });
        return switch (type) {
            case "default" -> 1;
            case "linear" -> section.optionalPositive("factor").orElseThrow(() -> section.missing("factor"));
            default ->
                throw section.refuse("rope_type", "is \"" + type + "\", only \"default\" and \"linear\" are supported");
        };
    }
}
