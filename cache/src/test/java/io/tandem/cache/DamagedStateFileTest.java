package io.tandem.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not what their names promise: misses, and deleted. */
class DamagedStateFileTest {
    private static final ContentKey KEY = States.key(1);

    @TempDir
    Path folder;

    private FolderOfStates states;

    @BeforeEach
    void describe() {
        states = new FolderOfStates(folder);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 20, 43, 44, 52, 60, 90, 5000, 25_000})
    void aDamagedFileIsAMissAndDeleted(int position) throws IOException {
        float[] values = States.values(100, 64, 1);
        try (StateStore store = states.open()) {
            States.write(store, KEY, values, 64);
        }
        try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
            file.seek(position);
            int old = file.read();
            file.seek(position);
            file.write(old ^ 0x81);
        }
        requireMissAndGone();
        try (StateStore store = states.open()) {
            States.write(store, KEY, values, 64);
        }
        try (StateStore store = states.open()) {
            assertTrue(States.sameBits(values, States.read(store, KEY).orElseThrow()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 7, 44, 80, 10_000, 25_600})
    void aTruncatedFileIsAMissAndDeleted(long length) throws IOException {
        try (StateStore store = states.open()) {
            States.write(store, KEY, States.values(100, 64, 1), 64);
        }
        try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
            file.setLength(length);
        }
        requireMissAndGone();
    }

    @Test
    void aFileOfAnotherStateIsAMissAndDeleted() throws IOException {
        ContentKey other = States.key(2);
        try (StateStore store = states.open()) {
            States.write(store, other, States.values(100, 64, 1), 64);
        }
        Files.move(file(), Path.of(file().toString().replace(other.toString(), KEY.toString())));
        requireMissAndGone();
    }

    @Test
    void whatAKilledProcessLeftUnfinishedGoes() throws IOException {
        Path abandoned = Files.createDirectories(folder.resolve("00")).resolve(KEY + ".1.partial");
        Path current = abandoned.resolveSibling(KEY + ".2.partial");
        Files.writeString(abandoned, "half");
        Files.writeString(current, "half");
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        states.open().close();
        assertEquals(List.of(current), states.files());
    }

    private void requireMissAndGone() throws IOException {
        try (StateStore store = states.open()) {
            assertTrue(store.find(KEY).isEmpty());
            assertFalse(Files.exists(file()), "the damaged file must go");
            assertEquals(1, store.statistics().misses());
            assertEquals(1, store.statistics().lost());
        }
    }

    private Path file() throws IOException {
        List<Path> files = states.files();
        return files.isEmpty() ? folder.resolve("none") : files.getFirst();
    }
}
