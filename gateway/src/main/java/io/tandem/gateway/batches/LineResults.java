package io.tandem.gateway.batches;

import io.tandem.gateway.files.Durable;
import io.tandem.gateway.files.OwnerFolders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * The answers of one batch, a file a line: {@code results/THOUSANDS/NUMBER}, whose first byte tells good from bad. An answer is
 * durable when {@link #keep} returns; one that comes again takes the place of the first, so there is never more than one. Thread-safe.
 */
final class LineResults {

    private static final int GOOD = '+';
    private static final int BAD = '-';
    private static final int FOLDER_LINES = 1000;

    private final Path folder;
    private final BatchStore store;

    /** @param batch folder of the batch */
    LineResults(Path batch, BatchStore store) {
        this.folder = batch.resolve("results");
        this.store = store;
    }

    /**
     * What is there.
     *
     * @param lines that have an answer
     * @param failed of them, with an error
     */
    record Found(BitSet lines, int failed) {}

    /** Keeps an answer. */
    void keep(int line, LineResult result) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(result.json().length + 1);
        bytes.write(result.succeeded() ? GOOD : BAD);
        bytes.writeBytes(result.json());
        Path file = file(line);
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        store.put(file, bytes.toByteArray());
    }

    /** The answer to a line. */
    Optional<LineResult> find(int line) {
        try {
            byte[] bytes = Files.readAllBytes(file(line));
            return Optional.of(new LineResult(bytes[0] == GOOD, Arrays.copyOfRange(bytes, 1, bytes.length)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Looks at all answers. */
    Found all() {
        BitSet lines = new BitSet();
        int failed = 0;
        for (Path thousand : OwnerFolders.entries(folder)) {
            for (Path file : OwnerFolders.entries(thousand)) {
                lines.set(Integer.parseInt(file.getFileName().toString()));
                failed += isBad(file) ? 1 : 0;
            }
        }
        return new Found(lines, failed);
    }

    /** Removes all answers. */
    void remove() throws IOException {
        if (Files.isDirectory(folder)) {
            Durable.deleteTree(folder);
        }
    }

    private static boolean isBad(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == BAD;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path file(int line) {
        return folder.resolve(Integer.toString(line / FOLDER_LINES)).resolve(Integer.toString(line));
    }
}
