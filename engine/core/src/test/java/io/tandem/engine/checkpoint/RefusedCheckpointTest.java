package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
final class RefusedCheckpointTest {

    private static final String NORM = "model.decoder.norm.weight";

    @TempDir
    private Path folder;

    @Test
    void noFolder() {
        assertRefused(folder.resolve("nowhere"), "config.json", "is missing");
    }

    @Test
    void noWeights() throws IOException {
        Files.delete(bfloat16().weights());
        assertRefused("neither model.safetensors nor model.safetensors.index.json");
    }

    @Test
    void truncatedData() throws IOException {
        truncate(bfloat16().weights(), 200_000);
        assertRefused("model.safetensors", "tensor model.", "the file has 185392", "truncated");
    }

    @Test
    void truncatedHeader() throws IOException {
        truncate(bfloat16().weights(), 1000);
        assertRefused("model.safetensors", "header length is 14600 bytes, only 992 follow");
    }

    @Test
    void truncatedHeaderLength() throws IOException {
        truncate(bfloat16().weights(), 7);
        assertRefused("model.safetensors", "is 7 bytes long");
    }

    @Test
    void emptyWeights() throws IOException {
        truncate(bfloat16().weights(), 0);
        assertRefused("model.safetensors", "is 0 bytes long");
    }

    @ParameterizedTest
    @ValueSource(longs = {100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void hugeHeaderLength(long length) throws IOException {
        overwrite(bfloat16().weights(), length);
        assertRefused("model.safetensors", Long.toUnsignedString(length), "100000000");
    }

    @Test
    void dataBeyondTheTensors() throws IOException {
        Files.write(bfloat16().weights(), new byte[3], StandardOpenOption.APPEND);
        assertRefused("model.safetensors", "has 276275 bytes", "end at 276272");
    }

    @Test
    void wrongShape() {
        bfloat16().reshape(NORM, 4, 10).write();
        assertRefused("model.safetensors", NORM, "[4, 10]", "[40]");
    }

    @Test
    void missingTensor() {
        bfloat16().removeIf(NORM::equals).write();
        assertRefused(folder.toString(), NORM, "is missing");
    }

    @Test
    void unexpectedTensor() {
        bfloat16().copy(NORM, "model.decoder.layers.3.norm.weight").write();
        assertRefused("model.safetensors", "model.decoder.layers.3.norm.weight", "unexpected");
    }

    @Test
    void unexpectedTensorOfNoPart() {
        bfloat16().copy(NORM, "score.weight").write();
        assertRefused("model.safetensors", "score.weight", "unexpected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"I16", "U16"})
    void unsupportedDtype(String dtype) {
        bfloat16().put(NORM, dtype, new int[] {40}, new byte[80]).write();
        assertRefused("model.safetensors", NORM, dtype, "[F32, F16, BF16]");
    }

    @Test
    void unknownDtype() {
        bfloat16().put(NORM, "Q4_K", new int[] {40}, new byte[80]).write();
        assertRefused("model.safetensors", NORM, "Q4_K");
    }

    @Test
    void untiedHead() {
        bfloat16()
                .copy("model.encoder.embed_tokens.weight", "lm_head.weight")
                .flipBit("lm_head.weight", 1234)
                .write();
        assertRefused("lm_head.weight", "model.encoder.embed_tokens.weight", "differ at byte 1234");
    }

    @Test
    void tiedTensorOfAnotherDtype() {
        bfloat16()
                .put("lm_head.weight", "F32", new int[] {512, 40}, new byte[512 * 40 * 4])
                .write();
        assertRefused("lm_head.weight", "BF16 and F32");
    }

    @Test
    void tiedTensorOfAnotherShape() {
        bfloat16()
                .put("lm_head.weight", "BF16", new int[] {40, 512}, new byte[40 * 512 * 2])
                .write();
        assertRefused("lm_head.weight", "[40, 512]", "[512, 40]");
    }

    @Test
    void hiddenSizeThatIsNotTheWeights() {
        bfloat16().config(root -> {
            ((ObjectNode) root.at("/encoder/text_config")).put("hidden_size", 48);
            ((ObjectNode) root.get("decoder")).put("hidden_size", 48);
        });
        assertRefused("model.safetensors", "model.", "[48", "[40", "more tensors do not fit");
    }

    @Test
    void hiddenSizesThatDiffer() {
        bfloat16().config(root -> ((ObjectNode) root.get("decoder")).put("hidden_size", 48));
        assertRefused("config.json", "encoder.text_config.hidden_size is 40", "decoder.hidden_size is 48");
    }

    @Test
    void moreLayersThanTheWeights() {
        bfloat16().config(root -> ((ObjectNode) root.get("decoder")).put("num_hidden_layers", 4));
        assertRefused("model.decoder.layers.3.", "is missing", "and 8 more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{} {}", "\u0000\u0001", "{\"model_type\": 1, \"model_type\": 2}"})
    void configThatIsNoObject(String content) throws IOException {
        Files.writeString(bfloat16().folder().resolve("config.json"), content);
        assertRefused("config.json", "JSON");
    }

    @Test
    void emptyConfig() throws IOException {
        Files.writeString(bfloat16().folder().resolve("config.json"), "{}");
        assertRefused("config.json", "model_type is missing");
    }

    private EditableCheckpoint bfloat16() {
        return EditableCheckpoint.copy("legacy-bfloat16", folder);
    }

    private void assertRefused(String... parts) {
        assertRefused(folder, parts);
    }

    static void assertRefused(Path folder, String... parts) {
        String message = assertThrows(
                        CheckpointException.class, () -> Checkpoint.open(folder).close())
                .getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "no \"" + part + "\" in: " + message);
        }
    }

    private static void truncate(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static void overwrite(Path file, long headerLength) throws IOException {
        ByteBuffer length =
                ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(length.flip(), 0);
        }
    }
}
