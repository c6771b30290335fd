package io.tandem.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A folder of golden data: its cases, and the arrays of its safetensors file by name. */
final class GoldenArrays {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;
    private final byte[] file;
    private final JsonNode header;
    private final int dataStart;

    private GoldenArrays(Path folder) throws IOException {
        this.folder = folder;
        file = Files.readAllBytes(folder.resolve("cases.safetensors"));
        int headerLength = Math.toIntExact(
                ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong());
        dataStart = Long.BYTES + headerLength;
        header = MAPPER.readTree(file, Long.BYTES, headerLength);
    }

    static GoldenArrays in(String name) throws IOException {
        Path root = Path.of(System.getProperty("tandem.root"), "engine/core/src/test/golden");
        return new GoldenArrays(root.resolve(name));
    }

    Path folder() {
        return folder;
    }

    JsonNode cases() throws IOException {
        return MAPPER.readTree(folder.resolve("cases.json").toFile()).get("cases");
    }

    byte[] file(String name) throws IOException {
        return Files.readAllBytes(folder.resolve(name));
    }

    int[] shape(String name) {
        JsonNode shape = header.get(name).get("shape");
        int[] sides = new int[shape.size()];
        Arrays.setAll(sides, i -> shape.get(i).intValue());
        return sides;
    }

    byte[] bytes(String name) {
        JsonNode offsets = header.get(name).get("data_offsets");
        return Arrays.copyOfRange(
                file,
                dataStart + offsets.get(0).intValue(),
                dataStart + offsets.get(1).intValue());
    }

    float[] floats(String name) {
        float[] values = new float[bytes(name).length / Float.BYTES];
        ByteBuffer.wrap(bytes(name))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /** An array {@code [height, width, 3]} of bytes. */
    RgbImage image(String name) {
        int[] shape = shape(name);
        return new RgbImage(shape[1], shape[0], bytes(name));
    }
}
