package io.tandem.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same bits at every vector width: each width needs a JVM of its own, since kernels know theirs as a constant. */
class VectorWidthTest {

    private static final int MACHINE_BITS = VectorShape.preferredShape().vectorBitSize();

    @TempDir
    private Path folder;

    @Test
    void bitsDoNotDependOnTheWidth() throws IOException, InterruptedException {
        String own = OperationDigest.compute();
        for (int bits : new int[] {128, 256, 512}) {
            if (bits > MACHINE_BITS) {
                System.out.printf("not tested at %d bits: this machine has %d%n", bits, MACHINE_BITS);
                continue;
            }
            assertEquals(own, digestAt(bits), bits + " bits");
        }
        assumeTrue(MACHINE_BITS >= 256, "this machine has one vector width only");
    }

    private String digestAt(int bits) throws IOException, InterruptedException {
        Path output = folder.resolve(bits + ".txt");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-D" + Lanes.WIDTH_PROPERTY + "=" + bits,
                        "-Dtandem.root=" + System.getProperty("tandem.root"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OperationDigest.class.getName()))
                .redirectOutput(output.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertTrue(process.waitFor(2, TimeUnit.MINUTES), "still running");
            assertEquals(0, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output, StandardCharsets.UTF_8).strip();
    }
}
