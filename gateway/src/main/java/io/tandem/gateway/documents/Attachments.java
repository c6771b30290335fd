package io.tandem.gateway.documents;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.extraction.DocumentFormat;
import io.tandem.gateway.extraction.UnreadableException;
import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.FileStatus;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.Purpose;
import io.tandem.gateway.files.StoredFile;
import io.tandem.gateway.pipeline.RequestScope;
import java.util.List;

/** The files that one request attaches, as far as its owner may see them. Used by the request's thread. */
public final class Attachments {

    private final FileStore store;
    private final Preparation preparation;
    private final Request request;

    /**
     * Who asks.
     *
     * @param owner whose files may be attached
     * @param documentCut names how documents are cut today
     * @param scope the request's life
     */
    public record Request(String owner, String documentCut, RequestScope scope) {}

    /** @param preparation makes of files what the encoder takes */
    public Attachments(FileStore store, Preparation preparation, Request request) {
        this.store = store;
        this.preparation = preparation;
        this.request = request;
    }

    /**
     * Whether a file is a picture; it is not read yet.
     *
     * @throws TandemException NOT_FOUND if the owner has no such file
     */
    public boolean isPicture(FileReference file) {
        return switch (file) {
            case FileReference.Uploaded uploaded -> preparation.isPicture(find(uploaded));
            case FileReference.Inline inline -> DocumentFormat.of(inline.content()) == DocumentFormat.PICTURE;
        };
    }

    /**
     * The bytes of a picture.
     *
     * @throws TandemException naming the field
     */
    public byte[] picture(FileReference file) {
        return switch (prepare(file)) {
            case Prepared.Image image -> image.bytes();
            case Prepared.Text document ->
                throw invalid(file, "is a text of %,d tokens, not a picture".formatted(document.tokens()));
        };
    }

    /**
     * The windows of a document, in order; blocks until it has been read.
     *
     * @throws TandemException naming the field
     */
    public List<String> windows(FileReference file) {
        return switch (prepare(file)) {
            case Prepared.Text document -> document.windows();
            case Prepared.Image picture ->
                throw invalid(
                        file,
                        "is a picture of %,d bytes; pictures belong into messages".formatted(picture.bytes().length));
        };
    }

    private Prepared prepare(FileReference file) {
        try {
            return switch (file) {
                case FileReference.Uploaded uploaded ->
                    preparation.prepare(find(uploaded), request.documentCut(), request.scope());
                case FileReference.Inline inline -> preparation.prepare(inline.content(), request.scope());
            };
        } catch (UnreadableException reason) {
            throw invalid(file, reason.getMessage());
        } catch (TandemException failure) {
            // Whatever the encoder or the store calls it, the client knows its own field.
            throw failure.code() == ErrorCode.NOT_FOUND
                    ? notFound(file)
                    : new TandemException(
                            failure.code(),
                            failure.param().isPresent() ? file.field() : null,
                            failure.getMessage(),
                            failure);
        }
    }

    private StoredFile find(FileReference.Uploaded file) {
        StoredFile found = FileId.parse(file.id())
                .flatMap(id -> store.find(request.owner(), id))
                .orElseThrow(() -> notFound(file));
        if (found.purpose() == Purpose.BATCH) {
            throw invalid(file, "was uploaded for the purpose batch, and is no document");
        }
        FileStatus status = store.status(found);
        if (status.state() == FileStatus.State.ERROR) {
            throw invalid(
                    file, "names a file that can't be read: " + status.details().orElse("no reason is known"));
        }
        return found;
    }

    private static TandemException notFound(FileReference file) {
        return new TandemException(
                ErrorCode.NOT_FOUND, file.field(), file.field() + " names a file that does not exist here.");
    }

    private static TandemException invalid(FileReference file, String reason) {
        return new TandemException(
                ErrorCode.INVALID_REQUEST,
                file.field(),
                "%s %s".formatted(file.field(), reason.endsWith(".") ? reason : reason + "."));
    }
}
