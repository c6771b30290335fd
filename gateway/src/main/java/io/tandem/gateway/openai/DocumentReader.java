package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.TokenIds;
import java.util.ArrayList;
import java.util.List;

/** Reads documents that a request brings along or names: each becomes a segment of its own, or several when it is long. */
final class DocumentReader {

    private final ServedModel model;
    private final RequestLimits limits;

    DocumentReader(ServedModel model, RequestLimits limits) {
        this.model = model;
        this.limits = limits;
    }

    /**
     * Reads {@code documents}.
     *
     * @param tokenIds whether a document may be token ids
     * @param files brings those that are named; those that messages attach come last
     */
    List<Document> read(Field documents, boolean tokenIds, FileParts files) {
        List<Field> items = documents.isSet() ? documents.items() : List.of();
        requireCount(items.size(), files.documentCount());
        List<Document> read = new ArrayList<>();
        for (Field item : items) {
            if (item.get("file_id").isSet()) {
                read.addAll(file(item, files));
            } else {
                read.add(document(item, tokenIds));
            }
        }
        read.addAll(files.documents());
        return read;
    }

    private void requireCount(int listed, int attached) {
        if (listed + attached > limits.maxDocuments()) {
            throw new TandemException(
                    ErrorCode.INVALID_REQUEST,
                    listed > 0 ? "documents" : "messages",
                    "The request has %d documents, limit %d; raise tandem.gateway.counts.max-documents."
                            .formatted(listed + attached, limits.maxDocuments()));
        }
    }

    private static List<Document> file(Field item, FileParts files) {
        for (String other : List.of("title", "text", "token_ids")) {
            if (item.get(other).isSet()) {
                throw item.get(other).invalid("does not go with file_id");
            }
        }
        return files.windows(item.get("file_id"));
    }

    private Document document(Field item, boolean tokenIds) {
        Field title = item.get("title");
        Field text = item.get("text");
        Field ids = item.get("token_ids");
        Document.Builder document = Document.newBuilder();
        if (tokenIds && ids.isSet()) {
            if (text.isSet() || title.isSet()) {
                throw ids.invalid("goes without text and title");
            }
            List<Integer> tokens = ids.tokenIds(model.vocabularySize());
            if (tokens.isEmpty()) {
                throw ids.invalid("must not be empty");
            }
            return document.setTokenIds(TokenIds.newBuilder().addAllIds(tokens)).build();
        }
        if (title.isSet()) {
            document.setTitle(title.text());
        }
        if (text.text().isEmpty()) {
            throw text.invalid("must not be empty");
        }
        return document.setText(text.text()).build();
    }
}
