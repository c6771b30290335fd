package io.tandem.gateway.pipeline;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A picture as the client sent it.
 *
 * @param bytes the file's bytes
 * @param sha256 their digest
 * @param field the request's field that held it, for error messages
 */
public record Picture(ByteString bytes, ByteString sha256, String field) {

    /** Takes over the array: it must not change any more. */
    public static Picture of(byte[] file, String field) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(file);
            return new Picture(UnsafeByteOperations.unsafeWrap(file), UnsafeByteOperations.unsafeWrap(digest), field);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
