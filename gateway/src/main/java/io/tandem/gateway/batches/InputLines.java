package io.tandem.gateway.batches;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Walks through the lines of an input, each held alone and only up to a limit. Owned and used by one thread, which closes it. */
final class InputLines implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;

    private final InputStream in;
    private final int maxBytes;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long position;
    private long offset;
    private long length;

    /** @param maxBytes of a line that are held; the rest is skipped */
    InputLines(Path input, int maxBytes) throws IOException {
        this.in = new BufferedInputStream(Files.newInputStream(input), BUFFER_BYTES);
        this.maxBytes = maxBytes;
    }

    /** @return false at the end; a line that ends the file needs no end of its own */
    boolean next() throws IOException {
        line.reset();
        offset = position;
        length = 0;
        int read = in.read();
        if (read < 0) {
            return false;
        }
        while (read >= 0) {
            position++;
            if (read == '\n') {
                return true;
            }
            if (length < maxBytes) {
                line.write(read);
            }
            length++;
            read = in.read();
        }
        return true;
    }

    /** Bytes of the input before the line. */
    long offset() {
        return offset;
    }

    /** Bytes of the line, without its end; all of them, held or not. */
    long length() {
        return length;
    }

    /** The line, without its end. */
    byte[] bytes() {
        return line.toByteArray();
    }

    /** Whether nothing is in it but what JSON skips. */
    boolean isBlank() {
        return length <= maxBytes && new String(bytes(), StandardCharsets.ISO_8859_1).isBlank();
    }

    /** One line of an input, as it was found before. */
    static byte[] read(Path input, LineTask task) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(task.length());
        try (FileChannel channel = FileChannel.open(input, StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, task.offset() + bytes.position()) < 0) {
                    throw new IOException("%s is shorter than it was".formatted(input));
                }
            }
        }
        return bytes.array();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
