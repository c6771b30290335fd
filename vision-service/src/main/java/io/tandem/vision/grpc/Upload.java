package io.tandem.vision.grpc;

import com.google.protobuf.ByteString;
import io.tandem.cache.ContentKey;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.vision.v1.EncodeReply;
import io.tandem.contract.vision.v1.EncodeRequest;
import io.tandem.contract.vision.v1.Image;
import io.tandem.contract.vision.v1.ImageHeader;
import io.tandem.engine.InvalidInputException;
import io.tandem.runtime.calls.Call;
import io.tandem.vision.encoding.SoftTokens;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** One picture's way through the service, from its header to the reply, on the thread of its call. */
final class Upload {

    private final UploadParts parts;
    private final Inbox inbox;
    private final Call call;
    private final long arrivalNanos = System.nanoTime();

    Upload(UploadParts parts, Inbox inbox, Call call) {
        this.parts = parts;
        this.inbox = inbox;
        this.call = call;
    }

    /** Answers from the cache after the header alone, or reads the file and encodes it. */
    EncodeReply answer() {
        ImageHeader header = header();
        SoftTokens softTokens = parts.softTokens()
                .orElseThrow(() -> new TandemException(
                        ErrorCode.UNSUPPORTED_PARAMETER,
                        header.getField(),
                        "the served model reads no pictures; leave the picture out"));
        requireSize(header);
        ContentKey key =
                parts.keys().of(header.getTenant()).image(header.getSha256().toByteArray());
        OptionalInt views = softTokens.find(key);
        SoftTokens.Encoded encoded =
                views.isPresent() ? new SoftTokens.Encoded(views.getAsInt(), true) : encode(softTokens, key, header);
        return EncodeReply.newBuilder()
                .setImage(Image.newBuilder()
                        .setSha256(header.getSha256())
                        .setSoftTokenKey(ByteString.copyFrom(key.toBytes()))
                        .setViews(encoded.views())
                        .setModel(parts.model().value()))
                .setCached(encoded.cached())
                .setDurationMicros(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - arrivalNanos))
                .build();
    }

    private SoftTokens.Encoded encode(SoftTokens softTokens, ContentKey key, ImageHeader header) {
        if (!parts.places().tryAcquire()) {
            int limit = parts.config().maxQueue();
            throw new TandemException(
                    ErrorCode.OVERLOADED,
                    null,
                    text(
                            "%,d pictures wait to be encoded, limit %,d; try again later or raise tandem.vision.max-queue",
                            limit, limit));
        }
        try {
            return softTokens.encode(key, file(header), call);
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof InvalidInputException refusal) {
                throw new TandemException(ErrorCode.INVALID_IMAGE, header.getField(), refusal.getMessage(), refusal);
            }
            throw failure;
        } finally {
            parts.places().release();
        }
    }

    private ImageHeader header() {
        Optional<EncodeRequest> first = inbox.take(call);
        if (first.isEmpty() || !first.get().hasHeader()) {
            throw new TandemException(ErrorCode.INVALID_REQUEST, null, "the first message of a picture is its header");
        }
        ImageHeader header = first.get().getHeader();
        if (header.getSha256().size() != ContentKey.LENGTH) {
            throw refused(
                    header,
                    text(
                            "the header's sha256 has %d bytes, must have %d",
                            header.getSha256().size(), ContentKey.LENGTH));
        }
        return header;
    }

    private void requireSize(ImageHeader header) {
        long limit = parts.config().maxImageBytes().bytes();
        if (header.getByteLength() > limit) {
            throw new TandemException(
                    ErrorCode.PAYLOAD_TOO_LARGE,
                    header.getField(),
                    text(
                            "the picture has %,d bytes, limit %,d; send a smaller file or raise tandem.vision.max-image-bytes",
                            header.getByteLength(), limit));
        }
        if (header.getByteLength() < 1) {
            throw new TandemException(
                    ErrorCode.INVALID_IMAGE,
                    header.getField(),
                    text("the picture has %d bytes, must have at least 1", header.getByteLength()));
        }
    }

    /** The announced bytes, not one more, and the very ones that the header's digest names. */
    private byte[] file(ImageHeader header) {
        byte[] file = new byte[Math.toIntExact(header.getByteLength())];
        int length = 0;
        for (Optional<EncodeRequest> message = inbox.take(call); message.isPresent(); message = inbox.take(call)) {
            if (!message.get().hasData()) {
                throw refused(header, "a picture has one header, and data after it");
            }
            ByteString data = message.get().getData();
            if (data.size() > file.length - length) {
                throw refused(
                        header,
                        text(
                                "the header announced %,d bytes, at least %,d came",
                                file.length, (long) length + data.size()));
            }
            data.copyTo(file, length);
            length += data.size();
        }
        if (length < file.length) {
            throw refused(header, text("the header announced %,d bytes, %,d came", file.length, length));
        }
        if (!MessageDigest.isEqual(sha256(file), header.getSha256().toByteArray())) {
            throw refused(header, "the header's sha256 is not that of the bytes that came");
        }
        return file;
    }

    private static TandemException refused(ImageHeader header, String message) {
        return new TandemException(ErrorCode.INVALID_REQUEST, header.getField(), message);
    }

    /** Numbers in messages look the same wherever the server stands. */
    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static byte[] sha256(byte[] file) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(file);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
