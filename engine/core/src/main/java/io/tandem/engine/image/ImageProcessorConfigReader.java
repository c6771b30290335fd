package io.tandem.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * Reads the settings of an image processor and refuses, by key and value, what this engine can't do.
 *
 * @param file for complaints
 * @param settings the object that holds them
 */
record ImageProcessorConfigReader(Path file, JsonNode settings) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String PREPROCESSOR_FILE = "preprocessor_config.json";
    private static final String PROCESSOR_FILE = "processor_config.json";

    private static final int DEFAULT_SIZE = 224;

    /** Pixels; more is a typing error. */
    private static final int SIZE_LIMIT = 1 << 14;

    private static final int CROP_LIMIT = 64;

    static boolean existsIn(Path directory) {
        return Files.exists(directory.resolve(PREPROCESSOR_FILE)) || Files.exists(directory.resolve(PROCESSOR_FILE));
    }

    static ImageProcessorConfig read(Path directory) {
        Path file = directory.resolve(PREPROCESSOR_FILE);
        if (Files.exists(file)) {
            return new ImageProcessorConfigReader(file, parse(file)).config();
        }
        Path processorFile = directory.resolve(PROCESSOR_FILE);
        if (Files.exists(processorFile)) {
            JsonNode settings = parse(processorFile).path("image_processor");
            if (settings.isObject()) {
                return new ImageProcessorConfigReader(processorFile, settings).config();
            }
        }
        throw new CheckpointException(
                "%s is missing, and %s has no image_processor; a model with a vision tower needs one"
                        .formatted(file, processorFile.getFileName()));
    }

    private static JsonNode parse(Path file) {
        JsonNode node;
        try {
            node = MAPPER.readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new CheckpointException(file + ": can't be read as JSON: " + e.getMessage(), e);
        }
        if (!node.isObject()) {
            throw new CheckpointException(file + ": is not a JSON object");
        }
        return node;
    }

    private ImageProcessorConfig config() {
        refuseFalse("do_resize");
        refuseFalse("do_convert_rgb");
        boolean rescales = flag("do_rescale", true);
        boolean normalizes = flag("do_normalize", true);
        return new ImageProcessorConfig(
                size(),
                filter(),
                rescales ? number("rescale_factor", 1.0 / 255, Double.MIN_NORMAL) : 1,
                normalizes ? channels("image_mean", -Double.MAX_VALUE) : List.of(0.0, 0.0, 0.0),
                normalizes ? channels("image_std", Double.MIN_NORMAL) : List.of(1.0, 1.0, 1.0),
                flag("do_pan_and_scan", false) ? Optional.of(panAndScan()) : Optional.empty());
    }

    private int size() {
        JsonNode size = settings.path("size");
        if (size.isMissingNode() || size.isNull()) {
            return DEFAULT_SIZE;
        }
        JsonNode height = size.isObject() ? size.path("height") : size;
        JsonNode width = size.isObject() ? size.path("width") : size;
        if (!height.isInt() || !height.equals(width) || height.intValue() < 1 || height.intValue() > SIZE_LIMIT) {
            throw refuse("size", size, "a height and an equal width between 1 and " + SIZE_LIMIT);
        }
        return height.intValue();
    }

    private ResampleFilter filter() {
        int number = count("resample", ResampleFilter.BILINEAR.number(), Integer.MAX_VALUE);
        return Arrays.stream(ResampleFilter.values())
                .filter(filter -> filter.number() == number)
                .findFirst()
                .orElseThrow(() -> refuse("resample", settings.get("resample"), "2 (bilinear) or 3 (bicubic)"));
    }

    private PanAndScan panAndScan() {
        return new PanAndScan(
                count("pan_and_scan_min_crop_size", 256, SIZE_LIMIT),
                count("pan_and_scan_max_num_crops", 4, CROP_LIMIT),
                number("pan_and_scan_min_ratio_to_activate", 1.2, 0));
    }

    private List<Double> channels(String key, double least) {
        if (!settings.hasNonNull(key)) {
            return List.of(0.5, 0.5, 0.5);
        }
        JsonNode value = settings.get(key);
        List<Double> channels = StreamSupport.stream(value.spliterator(), false)
                .filter(JsonNode::isNumber)
                .map(JsonNode::doubleValue)
                .filter(number -> number >= least)
                .toList();
        if (value.size() != RgbImage.CHANNELS || channels.size() != RgbImage.CHANNELS) {
            throw refuse(key, value, "3 numbers" + (least < 0 ? "" : " above 0"));
        }
        return channels;
    }

    private int count(String key, int defaultValue, int limit) {
        if (!settings.hasNonNull(key)) {
            return defaultValue;
        }
        JsonNode value = settings.get(key);
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > limit) {
            throw refuse(key, value, "a whole number between 1 and " + limit);
        }
        return value.intValue();
    }

    private double number(String key, double defaultValue, double least) {
        if (!settings.hasNonNull(key)) {
            return defaultValue;
        }
        JsonNode value = settings.get(key);
        if (!value.isNumber() || value.doubleValue() < least) {
            throw refuse(key, value, least > 0 ? "a number above 0" : "a number of at least " + least);
        }
        return value.doubleValue();
    }

    private boolean flag(String key, boolean defaultValue) {
        if (!settings.hasNonNull(key)) {
            return defaultValue;
        }
        JsonNode value = settings.get(key);
        if (!value.isBoolean()) {
            throw refuse(key, value, "true or false");
        }
        return value.booleanValue();
    }

    private void refuseFalse(String key) {
        if (!flag(key, true)) {
            throw refuse(key, settings.get(key), "true");
        }
    }

    private CheckpointException refuse(String key, JsonNode value, String supported) {
        return new CheckpointException("%s: %s is %s, must be %s".formatted(file, key, value, supported));
    }
}
