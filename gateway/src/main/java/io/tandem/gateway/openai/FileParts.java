package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.gateway.documents.Attachments;
import io.tandem.gateway.documents.FileReference;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files that one request attaches: pictures stay where they stand in a message, documents go before the conversation. Nothing is
 * read before the whole request has been understood. Used by the request's thread.
 */
final class FileParts {

    private static final String SCHEME = "data:";
    private static final String BASE64 = ";base64";

    private final Attachments files;
    private final RequestLimits limits;
    private final List<FileReference> documents = new ArrayList<>();
    /** By the paths of their fields. */
    private final Map<String, FileReference> pictures = new HashMap<>();

    FileParts(Attachments files, RequestLimits limits) {
        this.files = files;
        this.limits = limits;
    }

    /**
     * Takes a file.
     *
     * @param file the object that names it or holds it
     * @return the field to ask {@link #picture} for, unless it is a document
     */
    Optional<Field> add(Field file) {
        Field field = file.get("file_id").isSet() ? file.get("file_id") : file.get("file_data");
        FileReference reference = reference(file, field);
        if (files.isPicture(reference)) {
            pictures.put(field.path(), reference);
            return Optional.of(field);
        }
        documents.add(reference);
        return Optional.empty();
    }

    /** Documents so far. */
    int documentCount() {
        return documents.size();
    }

    /** The windows of all documents, each a document for the encoder. */
    List<Document> documents() {
        return documents.stream().flatMap(file -> windows(file).stream()).toList();
    }

    /** The windows of one uploaded document that stands among a request's documents. */
    List<Document> windows(Field fileId) {
        return windows(new FileReference.Uploaded(fileId.path(), fileId.text()));
    }

    /** The bytes of a picture, if it is one of these files. */
    Optional<byte[]> picture(Field field) {
        return Optional.ofNullable(pictures.get(field.path())).map(files::picture);
    }

    private List<Document> windows(FileReference file) {
        return files.windows(file).stream()
                .map(text -> Document.newBuilder().setText(text).build())
                .toList();
    }

    private FileReference reference(Field file, Field field) {
        Field data = file.get("file_data");
        if (file.get("file_id").isSet()) {
            if (data.isSet()) {
                throw data.invalid("does not go with file_id");
            }
            return new FileReference.Uploaded(field.path(), field.text());
        }
        if (!data.isSet()) {
            throw file.invalid("must have a file_id or file_data");
        }
        return new FileReference.Inline(field.path(), decode(data));
    }

    /** As a data: URI, or its base64 alone. */
    private byte[] decode(Field field) {
        String data = field.text();
        int start = 0;
        if (data.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            int comma = data.indexOf(',');
            if (comma < 0 || !data.regionMatches(true, comma - BASE64.length(), BASE64, 0, BASE64.length())) {
                throw field.invalid("must hold base64: data:application/pdf;base64,...");
            }
            start = comma + 1;
        }
        long bytes = (data.length() - start) * 3L / 4;
        if (bytes > limits.maxFileBytes()) {
            throw field.failure(
                    ErrorCode.PAYLOAD_TOO_LARGE,
                    "holds about %,d bytes, limit %,d; raise tandem.gateway.files.max-file-size"
                            .formatted(bytes, limits.maxFileBytes()));
        }
        byte[] content;
        try {
            content = Base64.getDecoder().decode(data.substring(start));
        } catch (IllegalArgumentException malformed) {
            throw field.invalid("holds malformed base64");
        }
        if (content.length == 0) {
            throw field.invalid("holds no bytes");
        }
        return content;
    }
}
