package io.tandem.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.checkpoint.GoldenCases;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native library is unpacked where it is told to be and nowhere else; in a JVM of its own, as it happens once. */
class NativeLibraryFolderTest {

    @TempDir
    Path home;

    @TempDir
    Path folder;

    @Test
    void isTheOneThatWasSet() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-Duser.home=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                folder.toString(),
                GoldenCases.folder("tokenizer").toString()));
        builder.environment().remove("ENGINE_CACHE_DIR");
        Process child = builder.redirectErrorStream(true).start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), output);
        assertTrue(filesIn(folder).anyMatch(file -> file.toString().contains("tokenizers")), output);
        assertEquals(0, filesIn(home).count());
    }

    private static Stream<Path> filesIn(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList().stream();
        }
    }

    /** What the JVM of its own runs. */
    static final class Child {

        private Child() {}

        public static void main(String[] arguments) {
            Tokenizer.unpackNativeLibraryInto(Path.of(arguments[0]));
            try (Tokenizer tokenizer = Tokenizer.open(Path.of(arguments[1]))) {
                if (tokenizer.encode("a").length != 2) {
                    throw new IllegalStateException("the tokenizer does not work");
                }
            }
        }
    }
}
