package io.tandem.engine.runner;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsTest {

    @TempDir
    Path folder;

    @Test
    void nothingIsAddedUnlessSomebodySaysSo() {
        assertSame(Backends.class.getClassLoader(), Backends.loader(null));
        assertSame(Backends.class.getClassLoader(), Backends.loader(" "));
        IllegalArgumentException unknown =
                assertThrows(IllegalArgumentException.class, () -> Backends.open("nobody", 1));
        assertTrue(unknown.getMessage().contains("\"nobody\""), unknown.getMessage());
    }

    @Test
    void jarsOfTheEnvironmentAreSeenBesideTheClassPath() throws IOException {
        Path jar = folder.resolve("backend.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file)) {
            entries.putNextEntry(new JarEntry("of-the-jar"));
        }
        ClassLoader loader = Backends.loader(jar.toString());
        assertNotNull(loader.getResource("of-the-jar"));
        assertNull(Backends.class.getClassLoader().getResource("of-the-jar"));
        assertEquals(Backends.class.getClassLoader(), loader.getParent());
    }

    @Test
    void aJarThatIsNotThereIsNamed() {
        IllegalArgumentException missing =
                assertThrows(IllegalArgumentException.class, () -> Backends.loader("/nowhere/backend.jar"));
        assertTrue(
                missing.getMessage().contains("TANDEM_BACKEND_PATH")
                        && missing.getMessage().contains("/nowhere/backend.jar"),
                missing.getMessage());
    }
}
