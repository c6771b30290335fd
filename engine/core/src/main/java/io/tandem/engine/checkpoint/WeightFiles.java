package io.tandem.engine.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Finds the weights of a checkpoint folder: {@code model.safetensors}, or where there is none, the shards that
 * {@code model.safetensors.index.json} lists.
 */
final class WeightFiles {

    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    /** Bytes; the index of the largest released checkpoint takes a hundredth of that. */
    private static final long INDEX_LIMIT = 16 << 20;

    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** A tensor and the file that holds it. */
    record Located(SafetensorsFile file, SafetensorsEntry entry) {

        @Override
        public String toString() {
            return file.path() + ": tensor " + entry.name();
        }
    }

    private WeightFiles() {}

    /**
     * Every tensor of a folder by its name in the files.
     *
     * @param arena how long the files stay mapped
     * @throws CheckpointException naming file and tensor, when a file is missing or broken, or index and shards differ
     */
    static SequencedMap<String, Located> open(Path directory, Arena arena) {
        SequencedMap<String, Located> tensors = new LinkedHashMap<>();
        if (Files.exists(directory.resolve(SINGLE))) {
            SafetensorsFile file = SafetensorsFile.open(directory.resolve(SINGLE), arena);
            file.entries().forEach((name, entry) -> tensors.put(name, new Located(file, entry)));
            return tensors;
        }
        Path index = directory.resolve(INDEX);
        if (!Files.exists(index)) {
            throw new CheckpointException(directory + ": has neither " + SINGLE + " nor " + INDEX);
        }
        Map<String, String> shardOfTensor = readIndex(index);
        shardOfTensor.values().stream()
                .distinct()
                .sorted()
                .map(shard -> SafetensorsFile.open(directory.resolve(shard), arena))
                .forEach(shard -> addShard(tensors, shard, shardOfTensor, index));
        shardOfTensor.forEach((name, shard) -> {
            if (!tensors.containsKey(name)) {
                throw new CheckpointException("%s: lists tensor %s in %s, which doesn't hold it"
                        .formatted(index, name, directory.resolve(shard)));
            }
        });
        return tensors;
    }

    private static void addShard(
            SequencedMap<String, Located> tensors,
            SafetensorsFile shard,
            Map<String, String> shardOfTensor,
            Path index) {
        String shardName = String.valueOf(shard.path().getFileName());
        shard.entries().forEach((name, entry) -> {
            String listed = shardOfTensor.get(name);
            if (listed == null) {
                throw new CheckpointException(shard.path() + ": tensor " + name + " is not listed in " + index);
            }
            if (!listed.equals(shardName)) {
                throw new CheckpointException(
                        "%s: lists tensor %s in %s, it is in %s".formatted(index, name, listed, shardName));
            }
            tensors.put(name, new Located(shard, entry));
        });
    }

    private static Map<String, String> readIndex(Path index) {
        JsonNode weightMap = parse(index).path("weight_map");
        if (!weightMap.isObject() || weightMap.isEmpty()) {
            throw new CheckpointException(index + ": weight_map is missing, empty or not an object");
        }
        Map<String, String> shardOfTensor = new LinkedHashMap<>();
        weightMap.properties().forEach(tensor -> {
            String shard = tensor.getValue().asText();
            // A folder is handed over as a whole: an index that points out of it is an error or an attack.
            if (!shard.matches("[A-Za-z0-9_.-]+\\.safetensors")) {
                throw new CheckpointException(index + ": weight_map." + tensor.getKey() + " is " + tensor.getValue()
                        + ", not the name of a .safetensors file in the same folder");
            }
            shardOfTensor.put(tensor.getKey(), shard);
        });
        return shardOfTensor;
    }

    private static JsonNode parse(Path index) {
        try {
            if (Files.size(index) > INDEX_LIMIT) {
                throw new CheckpointException(
                        "%s: is %d bytes long, at most %d are read".formatted(index, Files.size(index), INDEX_LIMIT));
            }
            return MAPPER.readTree(Files.readAllBytes(index));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(index + ": is not valid JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException(index + ": can't be read: " + e.getMessage(), e);
        }
    }
}
