package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.FileStatus;
import io.tandem.gateway.files.StoredFile;
import java.util.List;

/** Answers of /v1/files. */
public final class FileFormat {

    private FileFormat() {}

    /**
     * A file, and how far it has been read.
     *
     * @param status at this moment
     */
    public record Shown(StoredFile file, FileStatus status) {}

    /** One file. */
    public static String one(Shown shown) {
        return node(shown).toString();
    }

    /**
     * A page of files.
     *
     * @param more whether others come after it
     */
    public static String list(List<Shown> page, boolean more) {
        return AnswerFormat.page(page.stream().map(FileFormat::node).toList(), more);
    }

    /** What is left of a file. */
    public static String deleted(FileId id) {
        return AnswerFormat.object()
                .put("id", id.value())
                .put("object", "file")
                .put("deleted", true)
                .toString();
    }

    private static ObjectNode node(Shown shown) {
        StoredFile file = shown.file();
        FileStatus status = shown.status();
        ObjectNode node = AnswerFormat.object()
                .put("id", file.id().value())
                .put("object", "file")
                .put("bytes", file.bytes())
                .put("created_at", file.createdAt().getEpochSecond());
        file.expiresAt().ifPresent(end -> node.put("expires_at", end.getEpochSecond()));
        node.put("filename", file.filename())
                .put("purpose", file.purpose().label())
                .put("status", status.state().label());
        status.details()
                .ifPresentOrElse(details -> node.put("status_details", details), () -> node.putNull("status_details"));
        node.putObject("tandem")
                .put("tokens", status.progress().tokens())
                .put("windows", status.progress().windows())
                .put("windows_encoded", status.progress().encoded());
        return node;
    }
}
