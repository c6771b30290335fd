package io.tandem.gateway.documents;

/** A file that a request attaches. */
public sealed interface FileReference {

    /** The request's field, for error messages. */
    String field();

    /**
     * One that was uploaded.
     *
     * @param id what the client calls it
     */
    record Uploaded(String field, String id) implements FileReference {}

    /**
     * One that comes with the request.
     *
     * @param content its bytes; not to be changed
     */
    record Inline(String field, byte[] content) implements FileReference {}
}
