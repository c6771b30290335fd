package io.tandem.gateway.openai;

import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import java.time.Instant;
import java.util.UUID;

/** The two routes that write answers. */
public enum GenerationRoute {
    CHAT("chat", "/v1/chat/completions", "chatcmpl-"),
    COMPLETIONS("completions", "/v1/completions", "cmpl-");

    private final String label;
    private final String path;
    private final String idPrefix;

    GenerationRoute(String label, String path, String idPrefix) {
        this.label = label;
        this.path = path;
        this.idPrefix = idPrefix;
    }

    /** Value of the label {@code route} in the metrics. */
    public String label() {
        return label;
    }

    /** Where it is served. */
    public String path() {
        return path;
    }

    /** Reads the body of one request. */
    public RequestReader reader(ServedModel model, RequestLimits limits, Sources sources) {
        return switch (this) {
            case CHAT -> new ChatReader(model, limits, sources);
            case COMPLETIONS -> new CompletionReader(model, limits, sources);
        };
    }

    /** Writes one answer, under an id of its own. */
    public AnswerFormat format(ServedModel model, AnswerOptions options) {
        String id = idPrefix + UUID.randomUUID().toString().replace("-", "");
        Identity identity =
                new Identity(id, Instant.now().getEpochSecond(), options.model(), model.systemFingerprint());
        return switch (this) {
            case CHAT -> new ChatFormat(identity, options);
            case COMPLETIONS -> new CompletionFormat(identity, options);
        };
    }
}
