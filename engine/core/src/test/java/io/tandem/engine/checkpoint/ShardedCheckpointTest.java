package io.tandem.engine.checkpoint;

import static io.tandem.engine.checkpoint.RefusedCheckpointTest.assertRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardedCheckpointTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    /** In the first shard. */
    private static final String TENSOR = "model.decoder.layers.0.mlp.up_proj.weight";

    @TempDir
    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        for (String name : new String[] {FIRST, SECOND, INDEX, "config.json"}) {
            Files.copy(GoldenCases.folder("legacy-sharded").resolve(name), folder.resolve(name));
        }
    }

    @Test
    void missingShard() throws IOException {
        Files.delete(folder.resolve(SECOND));
        assertRefused(folder, SECOND, "is missing");
    }

    @Test
    void tensorListedInTheWrongShard() throws IOException {
        editWeightMap(map -> map.put(TENSOR, SECOND));
        assertRefused(folder, INDEX, TENSOR, "in " + SECOND, "it is in " + FIRST);
    }

    @Test
    void tensorThatNoShardHolds() throws IOException {
        editWeightMap(map -> map.put("model.decoder.another.weight", FIRST));
        assertRefused(folder, INDEX, "model.decoder.another.weight", FIRST);
    }

    @Test
    void tensorThatIsNotListed() throws IOException {
        editWeightMap(map -> map.remove(TENSOR));
        assertRefused(folder, INDEX, TENSOR, FIRST, "not listed");
    }

    @Test
    void sameTensorInTwoShards() throws IOException {
        Files.copy(folder.resolve(FIRST), folder.resolve("again.safetensors"));
        editWeightMap(map -> map.put("model.decoder.another.weight", "again.safetensors"));
        assertRefused(folder, INDEX, "model.", "it is in again.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x.safetensors", "/etc/passwd", "a/b.safetensors", "..", "", "x.bin"})
    void shardOutsideTheFolder(String shard) throws IOException {
        editWeightMap(map -> map.put(TENSOR, shard));
        assertRefused(folder, INDEX, TENSOR, "\"" + shard + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "{\"weight_map\": {}}", "{\"weight_map\": []}", "{\"metadata\": {}}"})
    void brokenIndex(String content) throws IOException {
        Files.writeString(folder.resolve(INDEX), content);
        assertRefused(folder, INDEX);
    }

    private void editWeightMap(Consumer<ObjectNode> edit) throws IOException {
        Path index = folder.resolve(INDEX);
        ObjectNode root = (ObjectNode) MAPPER.readTree(index.toFile());
        edit.accept((ObjectNode) root.get("weight_map"));
        MAPPER.writeValue(index.toFile(), root);
    }
}
