package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint that can't be served ends the start, with the name of what is wrong and no stack trace. */
class BrokenCheckpointIT {

    @TempDir
    private Path folder;

    @Test
    void namesATruncatedFile() throws IOException {
        copy(TandemProcess.golden("text-sliding"));
        Path weights = folder.resolve("model.safetensors");
        try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
            file.setLength(file.length() - 1000);
        }
        refuses("model.safetensors");
    }

    @Test
    void namesATensorOfTheWrongShape() throws IOException {
        copy(TandemProcess.golden("text-sliding"));
        Path config = folder.resolve("config.json");
        String text = Files.readString(config);
        String wrong = text.replaceAll("\"intermediate_size\": (\\d+)", "\"intermediate_size\": 1$1");
        assertFalse(text.equals(wrong));
        Files.writeString(config, wrong);
        refuses("mlp");
    }

    /** What only a role that starts finds out. */
    @Test
    void namesAnImageProcessorOfAnotherCheckpoint() throws IOException {
        copy(TandemProcess.demoModel());
        Path config = folder.resolve("preprocessor_config.json");
        Files.writeString(config, Files.readString(config).replace(": 112", ": 224"));
        refuses("the image processor's size is 224, the vision tower's image_size is 112; they must be equal");
    }

    @Test
    void namesAMissingFolder() {
        TandemProcess tandem = TandemProcess.startAndEnd(
                "no-folder", "--model", folder.resolve("nothing").toString());
        assertEquals(1, tandem.exitCode(), tandem.output());
        assertTrue(tandem.output().contains("config.json"), tandem.output());
    }

    @Test
    void namesAWrongOption() {
        TandemProcess tandem =
                TandemProcess.startAndEnd("no-backend", "--model", folder.toString(), "--backend", "abacus");
        assertEquals(2, tandem.exitCode(), tandem.output());
        assertTrue(tandem.output().contains("--backend is abacus, must be one of cpu, reference"), tandem.output());
        tandem = TandemProcess.startAndEnd("no-format", "--model", folder.toString(), "--weights", "int4");
        assertEquals(2, tandem.exitCode(), tandem.output());
        assertTrue(tandem.output().contains("--weights is int4, must be one of stored, int8"), tandem.output());
    }

    private void copy(Path checkpoint) throws IOException {
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    private void refuses(String named) {
        TandemProcess tandem = TandemProcess.startAndEnd("broken", "--model", folder.toString(), "--port", "0");
        assertEquals(1, tandem.exitCode(), tandem.output());
        assertTrue(tandem.output().contains(named), tandem.output());
        assertFalse(tandem.output().contains("\tat "), tandem.output());
    }
}
