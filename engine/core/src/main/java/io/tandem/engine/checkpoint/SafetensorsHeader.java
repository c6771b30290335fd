package io.tandem.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Reads the JSON header of one safetensors file and holds it to the format: known dtypes, byte ranges as long as shape
 * and dtype say, and tensors that cover the data without gap or overlap. Used by one thread, for one file.
 */
final class SafetensorsHeader {

    /** Bits a number takes, by the name that the format gives its type. */
    private static final Map<String, Integer> DTYPE_BITS = Map.ofEntries(
            Map.entry("BOOL", 8),
            Map.entry("U8", 8),
            Map.entry("I8", 8),
            Map.entry("F8_E4M3", 8),
            Map.entry("F8_E5M2", 8),
            Map.entry("F8_E8M0", 8),
            Map.entry("I16", 16),
            Map.entry("U16", 16),
            Map.entry("F16", 16),
            Map.entry("BF16", 16),
            Map.entry("I32", 32),
            Map.entry("U32", 32),
            Map.entry("F32", 32),
            Map.entry("I64", 64),
            Map.entry("U64", 64),
            Map.entry("F64", 64));

    private static final int DIMENSION_LIMIT = 8;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final long dataBytes;
    private final JsonParser parser;
    private String place = "header";

    private SafetensorsHeader(Path file, long dataBytes, JsonParser parser) {
        this.file = file;
        this.dataBytes = dataBytes;
        this.parser = parser;
    }

    /**
     * All tensors of a file, in the order of the header.
     *
     * @param file named in complaints
     * @param json the header
     * @param dataBytes how many bytes follow the header
     * @throws CheckpointException naming file and tensor, where the header breaks the format
     */
    static SequencedMap<String, SafetensorsEntry> parse(Path file, byte[] json, long dataBytes) {
        try (JsonParser parser = JSON.createParser(json)) {
            SafetensorsHeader header = new SafetensorsHeader(file, dataBytes, parser);
            SequencedMap<String, SafetensorsEntry> entries = header.entries();
            header.requireFullCover(entries);
            return entries;
        } catch (IOException e) {
            throw new CheckpointException(file + ": header can't be read: " + e.getMessage(), e);
        }
    }

    private SequencedMap<String, SafetensorsEntry> entries() throws IOException {
        SequencedMap<String, SafetensorsEntry> entries = new LinkedHashMap<>();
        try {
            expect(JsonToken.START_OBJECT, "is not a JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                place = "tensor " + name;
                if (name.equals("__metadata__")) {
                    parser.nextToken();
                    parser.skipChildren();
                } else {
                    entries.put(name, entry(name));
                }
                place = "header";
            }
            if (parser.nextToken() != null) {
                throw refuse("has more text after its JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    "%s: %s: header is not valid JSON: %s, at byte %d of it"
                            .formatted(
                                    file,
                                    place,
                                    e.getOriginalMessage(),
                                    parser.currentLocation().getByteOffset()),
                    e);
        }
        return entries;
    }

    private SafetensorsEntry entry(String name) throws IOException {
        String dtype = null;
        long[] shape = null;
        long[] offsets = null;
        expect(JsonToken.START_OBJECT, "is not described by a JSON object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            switch (parser.currentName()) {
                case "dtype" -> {
                    expect(JsonToken.VALUE_STRING, "has a dtype that is not a string");
                    dtype = parser.getText();
                }
                case "shape" -> shape = numbers("shape", DIMENSION_LIMIT);
                case "data_offsets" -> offsets = numbers("data_offsets", 2);
                default -> {
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
            throw refuse("lacks a dtype, a shape or a pair of data_offsets");
        }
        return checked(name, dtype, shape, offsets[0], offsets[1]);
    }

    private SafetensorsEntry checked(String name, String dtype, long[] shape, long begin, long end) {
        Integer bits = DTYPE_BITS.get(dtype);
        if (bits == null) {
            throw refuse("has dtype " + dtype + ", which is not one that can be read: "
                    + DTYPE_BITS.keySet().stream().sorted().toList());
        }
        int[] dimensions = new int[shape.length];
        long bytes = bits / Byte.SIZE;
        for (int i = 0; i < shape.length; i++) {
            // Only a size beyond any file overflows.
            if (shape[i] > Integer.MAX_VALUE || Math.multiplyHigh(bytes, shape[i]) != 0 || bytes * shape[i] < 0) {
                throw refuse("has shape " + Arrays.toString(shape) + ", which is too large");
            }
            dimensions[i] = (int) shape[i];
            bytes *= shape[i];
        }
        if (begin > end || end > dataBytes) {
            throw refuse("takes bytes %d to %d of the data, the file has %d; is it truncated?"
                    .formatted(begin, end, dataBytes));
        }
        if (end - begin != bytes) {
            throw refuse("takes %d bytes by its data_offsets, %d by its shape %s of %s"
                    .formatted(end - begin, bytes, Arrays.toString(shape), dtype));
        }
        return new SafetensorsEntry(name, dtype, dimensions, begin, end);
    }

    /** The array of whole numbers, none negative, that follows. */
    private long[] numbers(String key, int limit) throws IOException {
        expect(JsonToken.START_ARRAY, "has " + key + " that is not a list");
        long[] numbers = new long[limit];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || count == limit || parser.getLongValue() < 0) {
                throw refuse("has %s with \"%s\" as entry %d; at most %d whole numbers, none negative, may stand there"
                        .formatted(key, parser.getText(), count, limit));
            }
            numbers[count++] = parser.getLongValue();
        }
        return Arrays.copyOf(numbers, count);
    }

    private void requireFullCover(SequencedMap<String, SafetensorsEntry> entries) {
        List<SafetensorsEntry> byPosition = new ArrayList<>(entries.values());
        byPosition.sort(Comparator.comparingLong(SafetensorsEntry::begin).thenComparingLong(SafetensorsEntry::end));
        long covered = 0;
        String previous = "the header";
        for (SafetensorsEntry entry : byPosition) {
            if (entry.begin() != covered) {
                throw new CheckpointException("%s: tensor %s begins at byte %d of the data, %s before it ends at %d"
                        .formatted(file, entry.name(), entry.begin(), previous, covered));
            }
            covered = entry.end();
            previous = "tensor " + entry.name();
        }
        if (covered != dataBytes) {
            throw new CheckpointException("%s: the data has %d bytes, the tensors end at %d (%s)"
                    .formatted(file, dataBytes, covered, previous));
        }
    }

    private void expect(JsonToken token, String complaint) throws IOException {
        if (parser.nextToken() != token) {
            throw refuse(complaint);
        }
    }

    private CheckpointException refuse(String complaint) {
        return new CheckpointException(file + ": " + place + " " + complaint);
    }
}
