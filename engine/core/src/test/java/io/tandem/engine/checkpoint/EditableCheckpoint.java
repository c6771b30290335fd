package io.tandem.engine.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A copy of a golden checkpoint that a test changes before it opens it; owned by one test. */
public final class EditableCheckpoint {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;
    private final Map<String, Content> tensors = new LinkedHashMap<>();

    private record Content(String dtype, int[] shape, byte[] data) {}

    private EditableCheckpoint(Path folder) {
        this.folder = folder;
    }

    /** Copies a golden folder that has a single weights file into an empty folder. */
    public static EditableCheckpoint copy(String golden, Path folder) {
        EditableCheckpoint copy = new EditableCheckpoint(folder);
        try (var files = Files.list(GoldenCases.folder(golden));
                Arena arena = Arena.ofConfined()) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
            SafetensorsFile weights = SafetensorsFile.open(copy.weights(), arena);
            weights.entries().forEach((name, entry) -> {
                byte[] data = weights.data(entry).toArray(ValueLayout.JAVA_BYTE);
                copy.tensors.put(name, new Content(entry.dtype(), entry.shape(), data));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    public Path folder() {
        return folder;
    }

    public Path weights() {
        return folder.resolve("model.safetensors");
    }

    /** Changes config.json. */
    public EditableCheckpoint config(Consumer<ObjectNode> change) {
        try {
            Path file = folder.resolve("config.json");
            ObjectNode root = (ObjectNode) MAPPER.readTree(file.toFile());
            change.accept(root);
            MAPPER.writeValue(file.toFile(), root);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds or replaces a tensor; this and the other changes of tensors count once {@link #write()} is called. */
    public EditableCheckpoint put(String name, String dtype, int[] shape, byte[] data) {
        tensors.put(name, new Content(dtype, shape, data));
        return this;
    }

    public EditableCheckpoint copy(String from, String to) {
        Content content = tensors.get(from);
        return put(to, content.dtype(), content.shape(), content.data().clone());
    }

    public EditableCheckpoint reshape(String name, int... shape) {
        return put(name, tensors.get(name).dtype(), shape, tensors.get(name).data());
    }

    public EditableCheckpoint flipBit(String name, int position) {
        tensors.get(name).data()[position] ^= 1;
        return this;
    }

    public EditableCheckpoint removeIf(Predicate<String> condition) {
        tensors.keySet().removeIf(condition);
        return this;
    }

    public EditableCheckpoint rename(UnaryOperator<String> change) {
        Map<String, Content> renamed = new LinkedHashMap<>();
        tensors.forEach((name, content) -> renamed.put(change.apply(name), content));
        tensors.clear();
        tensors.putAll(renamed);
        return this;
    }

    /** Writes the tensors to model.safetensors. */
    public EditableCheckpoint write() {
        ObjectNode header = MAPPER.createObjectNode();
        int position = 0;
        for (Map.Entry<String, Content> tensor : tensors.entrySet()) {
            Content content = tensor.getValue();
            ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", content.dtype());
            entry.set("shape", MAPPER.valueToTree(content.shape()));
            entry.putArray("data_offsets").add(position).add(position += content.data().length);
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + json.length + position).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        tensors.values().forEach(content -> file.put(content.data()));
        try {
            Files.write(weights(), file.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }
}
