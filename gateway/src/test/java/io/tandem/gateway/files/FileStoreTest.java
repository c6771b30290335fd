package io.tandem.gateway.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {

    private static final FileLimits LIMITS = new FileLimits(100, 150, 3);

    @TempDir
    Path root;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00.5Z"));
    private final InstantSource clock = now::get;

    @Test
    void anotherProcessFindsWhatWasStored() throws IOException {
        StoredFile file;
        try (FileStore store = store()) {
            file = put(store, "alice", "hello");
            assertTrue(store.setStatus(file, FileStatus.error("why")));
            assertTrue(store.put(file, "text", new byte[] {1}));
        }
        try (FileStore store = store()) {
            assertEquals(Optional.of(file), store.find("alice", file.id()));
            assertEquals(Instant.parse("2026-01-01T00:00:00Z"), file.createdAt());
            assertEquals("hello", Files.readString(store.content(file)));
            assertEquals(FileStatus.error("why"), store.status(file));
            assertArrayEquals(new byte[] {1}, store.get(file, "text").orElseThrow());
            assertEquals(List.of(file), store.all());
            assertTrue(store.find("bob", file.id()).isEmpty());
            assertTrue(store.find("", file.id()).isEmpty());
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemoved() throws IOException {
        FileStore running = store();
        Incoming half = running.begin();
        half.append(bytes("half"));
        // A lock file that nobody holds, as after kill -9.
        Path left = root.resolve("incoming/left");
        Files.createDirectories(left.resolve("upload"));
        Files.writeString(left.resolve("upload/content"), "half");
        Files.writeString(root.resolve("incoming/left.lock"), "");
        try (FileStore store = store()) {
            store.recover();
            assertFalse(Files.exists(left));
            assertFalse(Files.exists(root.resolve("incoming/left.lock")));
            assertTrue(store.all().isEmpty());
            assertEquals(1, contents(), "what is in use stays");
        }
        half.close();
        running.close();
        assertEquals(0, contents());
    }

    @Test
    void anUploadThatIsGivenUpLeavesNothing() throws IOException {
        try (FileStore store = store()) {
            try (Incoming incoming = store.begin()) {
                incoming.append(bytes("half"));
                assertEquals(1, contents());
            }
            assertEquals(0, contents());
        }
    }

    @Test
    void boundsNameBothNumbersAndTheSetting() {
        try (FileStore store = store()) {
            try (Incoming incoming = store.begin()) {
                incoming.append(bytes("x".repeat(100)));
                assertRefused("more than 100 bytes, limit 100", () -> incoming.append(bytes("x")));
            }
            put(store, "alice", "x".repeat(100));
            assertRefused(
                    "100 bytes are stored and this file has 51, limit 150", () -> put(store, "alice", "x".repeat(51)));
            put(store, "alice", "x".repeat(50));
            put(store, "alice", "");
            assertRefused("3 files are stored, limit 3", () -> put(store, "alice", ""));
            put(store, "bob", "another's room");
        }
    }

    @Test
    void filesComeInTheOrderOfTheirUploads() {
        try (FileStore store = store()) {
            StoredFile first = put(store, "", "1");
            StoredFile second = put(store, "", "2");
            StoredFile third = put(store, "", "3");
            assertEquals(
                    List.of(first, second, third),
                    store.files("", Optional.empty(), false).toList());
            assertEquals(
                    List.of(second, first),
                    store.files("", Optional.of(third.id()), true).toList());
            assertTrue(store.delete(second));
            assertEquals(
                    List.of(third),
                    store.files("", Optional.of(second.id()), false).toList());
        }
    }

    @Test
    void filesEndWhenTheyWereToldTo() {
        try (FileStore store = store()) {
            StoredFile file;
            try (Incoming incoming = store.begin()) {
                file = incoming.commit(
                        new Incoming.Description("", "a.txt", Purpose.USER_DATA, Optional.of(Duration.ofHours(1))));
            }
            now.set(file.expiresAt().orElseThrow().minusMillis(1));
            assertTrue(store.find("", file.id()).isPresent());
            now.set(file.expiresAt().orElseThrow());
            assertTrue(store.find("", file.id()).isEmpty());
            assertEquals(0, store.files("", Optional.empty(), false).count());
            assertTrue(store.isExpired(store.all().getFirst()));
        }
    }

    @Test
    void nothingIsWrittenToWhatIsDeleted() {
        try (FileStore store = store()) {
            StoredFile file = put(store, "", "1");
            assertTrue(store.delete(file));
            assertFalse(store.delete(file));
            assertFalse(store.setStatus(file, FileStatus.NEW));
            assertFalse(store.put(file, "text", new byte[0]));
            assertTrue(store.all().isEmpty());
        }
    }

    private FileStore store() {
        return new FileStore(root, LIMITS, clock);
    }

    private static StoredFile put(FileStore store, String owner, String content) {
        try (Incoming incoming = store.begin()) {
            incoming.append(bytes(content));
            return incoming.commit(new Incoming.Description(owner, "../a.txt", Purpose.USER_DATA, Optional.empty()));
        }
    }

    private static void assertRefused(String message, Runnable work) {
        TandemException refusal = assertThrows(TandemException.class, work::run);
        assertEquals(ErrorCode.PAYLOAD_TOO_LARGE, refusal.code());
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("tandem.gateway.files.max-"), refusal.getMessage());
    }

    private long contents() throws IOException {
        try (Stream<Path> paths = Files.walk(root.resolve("incoming"))) {
            return paths.filter(path -> path.endsWith("content")).count();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
