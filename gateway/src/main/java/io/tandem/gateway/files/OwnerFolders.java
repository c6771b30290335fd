package io.tandem.gateway.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Folders {@code owners/OWNER/ID} on a disk that several processes may share, each of which appears by one rename, as do the files in
 * it. Owned by a store; thread-safe; made when the first is needed.
 */
public final class OwnerFolders implements AutoCloseable {

    private final Path root;
    private final String setting;

    private Scratch scratch;

    /**
     * @param root folder that holds everything
     * @param setting the property that names it, for messages
     */
    public OwnerFolders(Path root, String setting) {
        this.root = root.toAbsolutePath();
        this.setting = setting;
    }

    /** Removes what processes left that were killed while they wrote. */
    public void recover() {
        if (Files.isDirectory(root)) {
            scratch();
        }
    }

    /** A path that nothing is at, for what nobody may see yet or any more. */
    public Path temporary() {
        return scratch().next();
    }

    /** Where an owner's folder of this id is, if it is. */
    public Path folder(String owner, String id) {
        return owner(owner).resolve(id);
    }

    /** One owner's folders, in any order. */
    public List<Path> of(String owner) {
        return entries(owner(owner));
    }

    /** Everybody's folders, in any order. */
    public Stream<Path> all() {
        return entries(owners()).stream().flatMap(owner -> entries(owner).stream());
    }

    /** Shows a folder that was prepared at a temporary path, whose files are durable. */
    public void publish(Path prepared, String owner, String id) throws IOException {
        Durable.force(prepared);
        Path folder = owner(owner);
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            Durable.force(folder.getParent());
        }
        Durable.move(prepared, folder.resolve(id));
    }

    /**
     * Writes a file so that it is seen whole or not at all, in the place of what was there.
     *
     * @throws NoSuchFileException if its folder is gone
     */
    public void put(Path file, byte[] bytes) throws IOException {
        Path aside = temporary();
        try {
            Durable.write(aside, bytes);
            Durable.move(aside, file);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** What is in a folder, in any order; nothing if it isn't there. */
    public static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path owners() {
        return root.resolve("owners");
    }

    /** An owner's name may hold what no folder's may. */
    private Path owner(String owner) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return owners().resolve(HexFormat.of().formatHex(digest.digest(owner.getBytes(StandardCharsets.UTF_8))));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private synchronized Scratch scratch() {
        if (scratch == null) {
            try {
                scratch = Scratch.open(Files.createDirectories(root.resolve("incoming")));
            } catch (IOException failure) {
                throw new UncheckedIOException("%s is %s, which can't be used".formatted(setting, root), failure);
            }
        }
        return scratch;
    }

    @Override
    public synchronized void close() {
        if (scratch != null) {
            try {
                scratch.close();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
