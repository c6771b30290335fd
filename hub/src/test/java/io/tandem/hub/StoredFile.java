package io.tandem.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file of a local hub's repository.
 *
 * @param id SHA-256 of a large one, git's SHA-1 of others
 */
record StoredFile(String name, byte[] content, String id) {

    static StoredFile of(String name, byte[] content) {
        return new StoredFile(
                name,
                content,
                name.endsWith(".safetensors")
                        ? HexFormat.of().formatHex(digest("SHA-256", content))
                        : gitSha1(content));
    }

    static String gitSha1(byte[] content) {
        byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
        return HexFormat.of().formatHex(digest("SHA-1", header, content));
    }

    /** True for what a hub keeps in Git LFS. */
    boolean isLarge() {
        return name.endsWith(".safetensors");
    }

    /** Adds what {@code ?blobs=true} asks for. */
    void describe(ObjectNode sibling) {
        sibling.put("size", content.length);
        if (isLarge()) {
            String pointer =
                    "version https://git-lfs.github.com/spec/v1\noid sha256:" + id + "\nsize " + content.length + "\n";
            byte[] bytes = pointer.getBytes(StandardCharsets.US_ASCII);
            sibling.put("blobId", gitSha1(bytes));
            sibling.putObject("lfs")
                    .put("sha256", id)
                    .put("size", content.length)
                    .put("pointerSize", bytes.length);
        } else {
            sibling.put("blobId", id);
        }
    }

    private static byte[] digest(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stands for the content where a commit id is made. */
    @Override
    public String toString() {
        return name + " " + id;
    }
}
