package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.hub.ModelSource.Folder;
import io.tandem.hub.ModelSource.Repository;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSourceTest {

    @Test
    void readsRepositoriesWithTheirRevision() {
        assertEquals(new Repository("google/t5gemma-2-270m-270m", "main"), of("google/t5gemma-2-270m-270m"));
        assertEquals(new Repository("a/b.c", "v1.0"), of("a/b.c@v1.0"));
        assertEquals(new Repository("a/b", "refs/pr/1"), of("a/b@refs/pr/1"));
        assertEquals(new Repository("a/b", "x--y"), of("a/b@x--y"));
        assertEquals(new Repository("a/b", "v2"), ModelSource.of("a/b", Optional.of("v2")));
        assertEquals(new Repository("a/b", "v2"), ModelSource.of("a/b@v2", Optional.of("v2")));
        assertEquals("a/b", of("a/b@v2").name());
    }

    @Test
    void prefersAFolderOfThatName(@TempDir Path folder) {
        // Surefire runs in the module's folder, which has this one.
        Folder source = assertInstanceOf(Folder.class, of("src/main"));
        assertEquals("main", source.name());
        assertTrue(source.path().isAbsolute());
        assertEquals(new Folder(folder), of(folder.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/nowhere/x", "./a/b", "../a/b", "a", "a/b/c", "a/b--c", "a/..b", "a/b.", "-a/b", "a/", "~/b", ""
            })
    void takesAnythingElseForAFolder(String text) {
        assertInstanceOf(Folder.class, of(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a/b@", "a/b@../x", "a/b@/x", "a/b@x/", "a/b@a\\b", "a/b@x y", "a/b@.git", "a/b@x//y", "a/b@a/.b"
            })
    void refusesRevisionsThatAreNone(String text) {
        String message = assertThrows(HubException.class, () -> of(text)).getMessage();
        assertTrue(message.contains("no revision"), message);
    }

    @Test
    void refusesRevisionsOfFoldersAndTwoThatDiffer() {
        assertThrows(HubException.class, () -> ModelSource.of("src/main", Optional.of("v1")));
        assertThrows(HubException.class, () -> ModelSource.of("/nowhere", Optional.of("v1")));
        assertThrows(HubException.class, () -> ModelSource.of("a/b@v1", Optional.of("v2")));
        assertThrows(HubException.class, () -> of("a\0b"));
    }

    @Test
    void knowsWholeCommits() {
        assertTrue(new Repository("a/b", "0123456789abcdef0123456789abcdef01234567").isPinned());
        assertEquals(false, new Repository("a/b", "0123456").isPinned());
    }

    private static ModelSource of(String text) {
        return ModelSource.of(text, Optional.empty());
    }
}
