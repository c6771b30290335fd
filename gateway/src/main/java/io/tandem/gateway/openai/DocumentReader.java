package io.tandem.gateway.openai;

import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.TokenIds;
import java.util.List;

/** Reads documents that a request brings along: each becomes a segment of its own. */
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
     */
    List<Document> read(Field documents, boolean tokenIds) {
        if (!documents.isSet()) {
            return List.of();
        }
        List<Field> items = documents.items();
        if (items.size() > limits.maxDocuments()) {
            throw documents.invalid("has %d items, limit %d; raise tandem.gateway.counts.max-documents"
                    .formatted(items.size(), limits.maxDocuments()));
        }
        return items.stream().map(item -> document(item, tokenIds)).toList();
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
