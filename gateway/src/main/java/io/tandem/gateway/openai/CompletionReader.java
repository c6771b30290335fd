package io.tandem.gateway.openai;

import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.TokenIds;
import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import io.tandem.gateway.pipeline.GenerationRequest;
import io.tandem.gateway.pipeline.Picture;
import java.util.List;
import java.util.OptionalInt;

/** Reads the body of one request to /v1/completions. */
public final class CompletionReader extends RequestReader {

    /** OpenAI's default. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    private final ServedModel model;
    private final RequestLimits limits;
    private final WritingReader writingReader;
    private final ChoiceReader choiceReader;
    private final DocumentReader documentReader;
    private final PictureReader pictureReader;
    private final FileParts files;

    /**
     * @param model what is served
     * @param limits what requests may bring
     * @param sources of one request
     */
    public CompletionReader(ServedModel model, RequestLimits limits, Sources sources) {
        super(model);
        this.model = model;
        this.limits = limits;
        this.writingReader = new WritingReader(model);
        this.choiceReader = new ChoiceReader(limits);
        this.documentReader = new DocumentReader(model, limits);
        this.pictureReader = new PictureReader(model, limits, sources.remotePictures());
        this.files = new FileParts(sources.files(), limits);
    }

    @Override
    ApiRequest read(Field body) {
        OptionalInt logprobs = LogprobReader.ofCompletion(body);
        AnswerOptions options = options(body, logprobs.isPresent());
        Refusals.ofCompletions().check(body);
        int whenAbsent = Math.min(DEFAULT_MAX_TOKENS, model.maxDecoderTokens());
        GenerateRequest.Builder writing =
                writingReader.read(body, writingReader.maxTokens(body.get("max_tokens"), whenAbsent));
        logprobs.ifPresent(writing::setLogprobs);
        List<GenerateRequest> writings = choiceReader.read(body, writing.build());
        List<Document> documents = documentReader.read(body.get("documents"), true, files);
        List<EncodeRequest.Builder> prompts = prompts(body.get("prompt"), !documents.isEmpty());
        List<Picture> pictures = pictures(body.get("images"), prompts);
        List<GenerationRequest> generations = prompts.stream()
                .map(prompt ->
                        new GenerationRequest(prompt.addAllDocuments(documents).build(), pictures, writings))
                .toList();
        return new ApiRequest(generations, options);
    }

    private List<Picture> pictures(Field images, List<EncodeRequest.Builder> prompts) {
        if (!images.isSet()) {
            return List.of();
        }
        List<Field> uris = images.items();
        if (!uris.isEmpty() && (prompts.size() != 1 || !prompts.getFirst().hasText())) {
            throw images.invalid("go with one prompt that is a string, one picture for each <start_of_image> in it");
        }
        return pictureReader.read(uris, files);
    }

    private List<EncodeRequest.Builder> prompts(Field prompt, boolean mayBeEmpty) {
        if (!prompt.isSet() && mayBeEmpty) {
            return List.of(text(""));
        }
        if (prompt.isText()) {
            return List.of(textPrompt(prompt, mayBeEmpty));
        }
        if (!prompt.isList()) {
            throw prompt.invalid(
                    prompt.isSet()
                            ? "must be a string, a list of strings, token ids or a list of those"
                            : "is required");
        }
        List<Field> items = prompt.items();
        if (items.isEmpty() || items.getFirst().isNumber()) {
            return List.of(tokenPrompt(prompt, mayBeEmpty));
        }
        if (items.size() > limits.maxPrompts()) {
            throw prompt.invalid("has %d prompts, limit %d; raise tandem.gateway.counts.max-prompts"
                    .formatted(items.size(), limits.maxPrompts()));
        }
        boolean texts = items.getFirst().isText();
        return items.stream()
                .map(item -> texts ? textPrompt(item, mayBeEmpty) : tokenPrompt(item, mayBeEmpty))
                .toList();
    }

    private static EncodeRequest.Builder textPrompt(Field prompt, boolean mayBeEmpty) {
        String text = prompt.text();
        if (text.isEmpty() && !mayBeEmpty) {
            throw prompt.invalid("must not be empty without documents");
        }
        return text(text);
    }

    private EncodeRequest.Builder tokenPrompt(Field prompt, boolean mayBeEmpty) {
        List<Integer> ids = prompt.tokenIds(model.vocabularySize());
        if (ids.isEmpty() && !mayBeEmpty) {
            throw prompt.invalid("must not be empty without documents");
        }
        return EncodeRequest.newBuilder().setTokenIds(TokenIds.newBuilder().addAllIds(ids));
    }

    private static EncodeRequest.Builder text(String text) {
        return EncodeRequest.newBuilder().setText(text);
    }
}
