package io.tandem.engine.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One JSON object of a configuration file, which knows where it stands so that every complaint names file and key.
 *
 * @param file the file that it comes from
 * @param path dotted path of this object in the file, ending with a dot; empty for the file's top
 * @param node the object
 */
record ConfigSection(Path file, String path, JsonNode node) {

    /** Bytes; a configuration of a few KB is usual. */
    private static final long FILE_LIMIT = 1 << 20;

    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    static ConfigSection read(Path file) {
        JsonNode node = parse(file);
        if (!node.isObject()) {
            throw new CheckpointException(file + ": is not a JSON object");
        }
        return new ConfigSection(file, "", node);
    }

    private static JsonNode parse(Path file) {
        try {
            if (Files.size(file) > FILE_LIMIT) {
                throw new CheckpointException(
                        "%s: is %d bytes long, at most %d are read".formatted(file, Files.size(file), FILE_LIMIT));
            }
            return MAPPER.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new CheckpointException(file + ": is missing", e);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    "%s: is not valid JSON: %s, at line %d"
                            .formatted(
                                    file,
                                    e.getOriginalMessage(),
                                    e.getLocation() == null
                                            ? 1
                                            : e.getLocation().getLineNr()),
                    e);
        } catch (IOException e) {
            throw new CheckpointException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    /** As {@link #read}, or an empty object where there is no such file. */
    static ConfigSection readIfPresent(Path file) {
        return Files.exists(file) ? read(file) : new ConfigSection(file, "", JsonNodeFactory.instance.objectNode());
    }

    boolean has(String key) {
        return node.has(key);
    }

    boolean isNull(String key) {
        return node.has(key) && node.get(key).isNull();
    }

    /** The value, unless the key is absent or null. */
    Optional<JsonNode> value(String key) {
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /** The object under a key, unless it is absent or null. */
    Optional<ConfigSection> section(String key) {
        return value(key).map(value -> {
            if (!value.isObject()) {
                throw refuse(key, "is not an object");
            }
            return new ConfigSection(file, path + key + ".", value);
        });
    }

    ConfigSection requiredSection(String key) {
        return section(key).orElseThrow(() -> missing(key));
    }

    /** A whole number of at least 1 and at most {@code limit}; absent: the reference's default; null: refused. */
    int count(String key, int defaultValue, int limit) {
        refuseNull(key);
        return value(key).map(value -> count(key, value, limit)).orElse(defaultValue);
    }

    /** As {@link #count(String, int, int)}, for a value found inside the key's value. */
    int count(String key, JsonNode node, int limit) {
        long value = integer(key, node);
        if (value < 1 || value > limit) {
            throw refuse(key, "is " + value + ", must be between 1 and " + limit);
        }
        return (int) value;
    }

    /** A token id, at least 0, unless the key is absent or null. */
    Optional<Integer> token(String key) {
        return value(key).map(node -> token(key, node));
    }

    int token(String key, JsonNode node) {
        long value = integer(key, node);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw refuse(key, "is " + value + ", not a token id");
        }
        return (int) value;
    }

    /** A finite number above 0; absent: the default; null: refused. */
    double positive(String key, double defaultValue) {
        refuseNull(key);
        return optionalPositive(key).orElse(defaultValue);
    }

    /** A finite number above 0, unless the key is absent or null. */
    Optional<Double> optionalPositive(String key) {
        return value(key).map(node -> {
            double value = node.isNumber() ? node.doubleValue() : Double.NaN;
            if (!(value > 0) || Double.isInfinite(value)) {
                throw refuse(key, "is " + node + ", must be a number above 0");
            }
            return value;
        });
    }

    /** A string, unless the key is absent or null. */
    Optional<String> text(String key) {
        return value(key).map(node -> {
            if (!node.isTextual()) {
                throw refuse(key, "is " + node + ", must be a string");
            }
            return node.textValue();
        });
    }

    /** Refuses every value but one; absent and null pass, as the reference's default is that value. */
    void only(String key, String supported) {
        text(key).filter(value -> !value.equals(supported)).ifPresent(value -> {
            throw refuse(key, "is \"" + value + "\", only \"" + supported + "\" is supported");
        });
    }

    /** Refuses every value but one; absent and null pass, as the reference's default is that value. */
    void only(String key, boolean supported) {
        value(key)
                .filter(value -> !value.isBoolean() || value.booleanValue() != supported)
                .ifPresent(value -> {
                    throw refuse(key, "is " + value + ", only " + supported + " is supported");
                });
    }

    CheckpointException missing(String key) {
        return refuse(key, "is missing");
    }

    CheckpointException refuse(String key, String complaint) {
        return new CheckpointException(file + ": " + path + key + " " + complaint);
    }

    private void refuseNull(String key) {
        if (isNull(key)) {
            throw refuse(key, "is null, must be a number");
        }
    }

    private long integer(String key, JsonNode value) {
        // 256.0 is how some tools write 256.
        if (!value.isNumber() || !value.canConvertToExactIntegral() || !value.canConvertToLong()) {
            throw refuse(key, "is " + value + ", must be a whole number");
        }
        return value.longValue();
    }
}
