package io.tandem.engine.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/** Makes the fingerprint that {@link Checkpoint#fingerprint()} describes; used by one thread, for one model. */
final class Fingerprint {

    /** Goes up when the recipe changes, so that states kept under the older one are not found any more. */
    private static final String RECIPE = "tandem-model-1";

    /** What decides on the states that an encoder makes of a text or an image, besides weights. */
    private static final List<String> FILES =
            List.of("config.json", "tokenizer.json", "preprocessor_config.json", "processor_config.json");

    private static final long STRIDE = 1 << 20;
    private static final long SAMPLE = 4 << 10;

    private final MessageDigest digest;

    private Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        add(RECIPE);
    }

    /** 64 hex digits for the tensors and the files beside them; a file that is absent counts as absent. */
    static String of(Path directory, Collection<StoredTensor> tensors) {
        Fingerprint fingerprint = new Fingerprint();
        FILES.forEach(name -> fingerprint.addFile(directory.resolve(name)));
        tensors.forEach(fingerprint::add);
        return fingerprint.hex();
    }

    /** 64 hex digits for weights that these words describe completely. */
    static String of(String... words) {
        Fingerprint fingerprint = new Fingerprint();
        for (String word : words) {
            fingerprint.add(word);
        }
        return fingerprint.hex();
    }

    private void addFile(Path file) {
        add(String.valueOf(file.getFileName()));
        if (!Files.exists(file)) {
            add(-1);
            return;
        }
        try {
            byte[] content = Files.readAllBytes(file);
            add(content.length);
            digest.update(content);
        } catch (IOException e) {
            throw new CheckpointException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private void add(StoredTensor tensor) {
        add(tensor.name());
        add(tensor.dtype() + Arrays.toString(tensor.shape()));
        MemorySegment data = tensor.data();
        long size = data.byteSize();
        if (size <= STRIDE) {
            digest.update(data.asByteBuffer());
            return;
        }
        for (long position = 0; position < size; position += STRIDE) {
            digest.update(
                    data.asSlice(position, Math.min(SAMPLE, size - position)).asByteBuffer());
        }
        digest.update(data.asSlice(size - SAMPLE).asByteBuffer());
    }

    /** With its length, so that no two lists of words give the same bytes. */
    private void add(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        add(bytes.length);
        digest.update(bytes);
    }

    private void add(long number) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
