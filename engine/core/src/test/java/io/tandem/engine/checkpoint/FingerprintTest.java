package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FingerprintTest {

    private static final int ELEMENTS = 3 << 19;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 4095, 1 << 20, (1 << 20) + 4095, 2 << 20, (3 << 20) - 4096, (3 << 20) - 1})
    void samplesLargeTensors(int changedByte) {
        byte[] data = new byte[ELEMENTS * Short.BYTES];
        String before = fingerprint(tensor("a", data));
        assertEquals(before, fingerprint(tensor("a", data.clone())));
        data[changedByte] = 1;
        assertNotEquals(before, fingerprint(tensor("a", data)));
    }

    @Test
    void tellsNamesAndOrderApart() {
        StoredTensor a = tensor("a", new byte[ELEMENTS * Short.BYTES]);
        StoredTensor b = tensor("b", new byte[ELEMENTS * Short.BYTES]);
        assertNotEquals(fingerprint(a), fingerprint(b));
        assertNotEquals(fingerprint(a, b), fingerprint(b, a));
        assertNotEquals(Fingerprint.of("ab", "c"), Fingerprint.of("a", "bc"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "preprocessor_config.json", "processor_config.json"})
    void tellsAbsentFilesFromEmptyOnes(String name) throws IOException {
        String absent = fingerprint();
        Files.createFile(folder.resolve(name));
        String empty = fingerprint();
        Files.writeString(folder.resolve(name), "{}");
        assertNotEquals(absent, empty);
        assertNotEquals(empty, fingerprint());
    }

    private String fingerprint(StoredTensor... tensors) {
        return Fingerprint.of(folder, List.of(tensors));
    }

    private static StoredTensor tensor(String name, byte[] data) {
        return new StoredTensor(name, DType.BF16, new int[] {ELEMENTS}, MemorySegment.ofArray(data));
    }
}
