package io.tandem.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;

/** A blob while it is collected: the bytes on disk and their running digest. Owned by the thread that downloads it. */
final class PartialFile implements AutoCloseable {

    private static final int READ_BUFFER = 1 << 20;

    private final FileChannel channel;
    private final RemoteFile file;
    private MessageDigest digest;
    private long size;

    private PartialFile(FileChannel channel, RemoteFile file) {
        this.channel = channel;
        this.file = file;
        this.digest = file.id().newDigest(file.size());
    }

    /** Opens what an earlier attempt left, or begins; more bytes than the file has are of no use. */
    static PartialFile open(Path path, RemoteFile file) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            PartialFile partial = new PartialFile(channel, file);
            if (channel.size() > file.size()) {
                channel.truncate(0);
            }
            partial.digestWhatIsThere();
            return partial;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void digestWhatIsThere() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(READ_BUFFER);
        while (channel.read(buffer) >= 0) {
            buffer.flip();
            size += buffer.remaining();
            digest.update(buffer);
            buffer.clear();
        }
    }

    long size() {
        return size;
    }

    /** Adds bytes at the end and returns how many. */
    long append(List<ByteBuffer> buffers) throws IOException {
        long before = size;
        for (ByteBuffer buffer : buffers) {
            digest.update(buffer.duplicate());
            size += buffer.remaining();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
        return size - before;
    }

    /** Forgets everything. */
    void restart() throws IOException {
        channel.truncate(0);
        digest = file.id().newDigest(file.size());
        size = 0;
    }

    /** Ends the digest and sees to it that the bytes survive a power cut; nothing can be added afterwards. */
    BlobId seal() throws IOException {
        channel.force(true);
        return BlobId.of(digest);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
