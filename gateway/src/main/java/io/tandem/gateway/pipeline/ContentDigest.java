package io.tandem.gateway.pipeline;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.Optional;

/** Names what is to be read, so that the same content is always read by the same encoder and encoded once. */
final class ContentDigest {

    private ContentDigest() {}

    /** Of the largest document, whatever is asked about it, or else of the whole prompt. */
    static ByteString of(EncodeRequest request) {
        Optional<Document> largest =
                request.getDocumentsList().stream().max(Comparator.comparingInt(Document::getSerializedSize));
        return largest.isPresent() ? digest(largest.get()) : digest(request);
    }

    /** SHA-256 of a message as it is sent. */
    static ByteString digest(MessageLite message) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            message.writeTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return ByteString.copyFrom(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        } catch (IOException impossible) {
            throw new UncheckedIOException("nothing is written anywhere", impossible);
        }
    }
}
