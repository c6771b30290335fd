package io.tandem.gateway.files;

import io.tandem.contract.TandemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** A file that is being uploaded and that nobody sees before its end. Owned and used by the upload's thread, which closes it. */
public final class Incoming implements AutoCloseable {

    static final String CONTENT = "content";

    private final FileStore store;
    private final Path folder;
    private final FileChannel content;
    private long bytes;
    private boolean committed;

    /** @param folder of its own, in the scratch space */
    Incoming(FileStore store, Path folder) throws IOException {
        this.store = store;
        this.folder = Files.createDirectory(folder);
        this.content =
                FileChannel.open(folder.resolve(CONTENT), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /**
     * What the client says of its file.
     *
     * @param owner whose it is
     * @param filename data, never a path
     * @param purpose why it is uploaded
     * @param lifetime after which it ends by itself
     */
    public record Description(String owner, String filename, Purpose purpose, Optional<Duration> lifetime) {}

    /**
     * Adds bytes.
     *
     * @throws TandemException PAYLOAD_TOO_LARGE once there are too many
     */
    public void append(ByteBuffer piece) {
        bytes += piece.remaining();
        if (bytes > store.limits().maxFileBytes()) {
            throw store.limits().tooLarge("more than %,d bytes".formatted(bytes - 1));
        }
        try {
            while (piece.hasRemaining()) {
                content.write(piece);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Bytes so far. */
    public long bytes() {
        return bytes;
    }

    /**
     * Makes the file durable and shows it, whole.
     *
     * @throws TandemException PAYLOAD_TOO_LARGE if its owner has no room for it
     */
    public StoredFile commit(Description description) {
        try {
            content.force(true);
            content.close();
            StoredFile file = store.publish(folder, bytes, description);
            committed = true;
            return file;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Removes what came, unless it was committed. */
    @Override
    public void close() {
        if (committed) {
            return;
        }
        try (content) {
            Durable.deleteTree(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
