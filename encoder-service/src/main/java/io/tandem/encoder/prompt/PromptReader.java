package io.tandem.encoder.prompt;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EmbedInput;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.TokenIds;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.text.ChatTemplate;
import io.tandem.engine.text.PromptExpansion;
import io.tandem.engine.text.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Turns a request into its segments: documents in their order, then the prompt. Immutable, thread-safe.
 *
 * <p>Pictures go to the segments in order. A text prompt or a conversation takes all that are left, one for each place; token ids
 * take those that their image tokens stand for.
 */
public final class PromptReader {

    private static final String MESSAGES = "messages";
    private static final String PROMPT = "prompt";

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final Optional<PromptExpansion> expansion;
    private final Vocabulary vocabulary;
    private final PromptLimits limits;
    private final ImagePlaces places;

    /**
     * What ids the model knows.
     *
     * @param size ids are below this
     * @param imageToken the token whose embeddings soft tokens replace
     * @param tokensPerImage soft tokens of one view of a picture
     */
    public record Vocabulary(int size, int imageToken, int tokensPerImage) {}

    /** @param expansion empty if the served model reads no pictures */
    public PromptReader(
            Tokenizer tokenizer,
            ChatTemplate template,
            Optional<PromptExpansion> expansion,
            Vocabulary vocabulary,
            PromptLimits limits) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.expansion = expansion;
        this.vocabulary = vocabulary;
        this.limits = limits;
        this.places = new ImagePlaces(vocabulary.imageToken(), vocabulary.tokensPerImage());
    }

    /**
     * Reads a request.
     *
     * @throws InvalidInputException naming the public field at fault
     * @throws TandemException if it is too long, or has pictures that the model can't read
     */
    public Prompt read(EncodeRequest request) {
        Deque<ImageReference> images = new ArrayDeque<>(ImageReference.of(request.getImagesList()));
        if (!images.isEmpty() && expansion.isEmpty()) {
            throw new TandemException(
                    ErrorCode.UNSUPPORTED_PARAMETER,
                    imageField(request, 0),
                    "the served model reads no pictures; leave the " + images.size() + " given out");
        }
        List<SegmentText> segments = new ArrayList<>();
        for (Document document : request.getDocumentsList()) {
            segments.add(document("documents[" + segments.size() + "]", document, images));
        }
        Optional<SegmentText> prompt = prompt(request, images);
        prompt.ifPresent(segments::add);
        if (!images.isEmpty()) {
            int given = request.getImagesCount();
            throw new InvalidInputException(
                    imageField(request, given - images.size()),
                    "%d images are given, the request has places for %d".formatted(given, given - images.size()));
        }
        limits.require(segments);
        return new Prompt(segments, prompt);
    }

    /**
     * Reads a text that is encoded for its own sake, such as one to be embedded.
     *
     * @throws InvalidInputException if it is empty, or has ids that the model doesn't know
     * @throws TandemException if it is too long
     */
    public SegmentText read(EmbedInput input) {
        String field = input.getField();
        SegmentText segment =
                switch (input.getInputCase()) {
                    case TEXT -> {
                        if (input.getText().isEmpty()) {
                            throw new InvalidInputException(field, "the text is empty");
                        }
                        int[] tokens = tokenizer.encode(expand(field, input.getText(), List.of()));
                        yield textSegment(field, tokens, new ArrayDeque<>());
                    }
                    case TOKEN_IDS -> idSegment(field, input.getTokenIds(), new ArrayDeque<>());
                    case INPUT_NOT_SET -> throw new InvalidInputException(field, "it has neither text nor token ids");
                };
        limits.require(List.of(segment));
        return segment;
    }

    /** What the public request calls a picture. */
    private static String imageField(EncodeRequest request, int index) {
        return request.hasConversation() ? MESSAGES : "images[" + index + "]";
    }

    private SegmentText document(String field, Document document, Deque<ImageReference> images) {
        return switch (document.getContentCase()) {
            case TEXT -> {
                String title = document.getTitle();
                String text = title.isEmpty() ? document.getText() : title + "\n" + document.getText();
                if (text.isEmpty()) {
                    throw new InvalidInputException(field + ".text", "the document has neither a title nor a text");
                }
                String textField = field + ".text";
                yield textSegment(textField, tokenizer.encode(expand(textField, text, List.of())), new ArrayDeque<>());
            }
            case TOKEN_IDS -> idSegment(field + ".token_ids", document.getTokenIds(), images);
            case CONTENT_NOT_SET ->
                throw new InvalidInputException(field, "the document has neither text nor token_ids");
        };
    }

    private Optional<SegmentText> prompt(EncodeRequest request, Deque<ImageReference> images) {
        boolean optional = request.getDocumentsCount() > 0;
        return switch (request.getPromptCase()) {
            case CONVERSATION -> Optional.of(conversation(request.getConversation(), images));
            case TEXT -> {
                if (optional && request.getText().isEmpty()) {
                    yield Optional.empty();
                }
                requirePrompt(!request.getText().isEmpty());
                String expanded = expand(PROMPT, request.getText(), List.copyOf(images));
                yield Optional.of(textSegment(PROMPT, tokenizer.encode(expanded), images));
            }
            case TOKEN_IDS -> {
                if (optional && request.getTokenIds().getIdsCount() == 0) {
                    yield Optional.empty();
                }
                requirePrompt(request.getTokenIds().getIdsCount() > 0);
                yield Optional.of(idSegment(PROMPT, request.getTokenIds(), images));
            }
            case PROMPT_NOT_SET -> {
                requirePrompt(optional);
                yield Optional.empty();
            }
        };
    }

    private static void requirePrompt(boolean present) {
        if (!present) {
            throw new InvalidInputException(PROMPT, "the prompt is empty; it may be only when there are documents");
        }
    }

    private SegmentText conversation(Conversation conversation, Deque<ImageReference> images) {
        int parts = Conversations.images(conversation);
        if (parts != images.size()) {
            throw new InvalidInputException(
                    MESSAGES, "the messages have %d images, %d are given".formatted(parts, images.size()));
        }
        String rendered = template.render(Conversations.read(conversation), true);
        return textSegment(MESSAGES, tokenizer.encodePrompt(expand(MESSAGES, rendered, List.copyOf(images))), images);
    }

    private String expand(String field, String text, List<ImageReference> images) {
        int[] crops = images.stream().mapToInt(image -> image.views() - 1).toArray();
        return expansion.map(present -> present.expand(field, text, crops)).orElse(text);
    }

    private SegmentText idSegment(String field, TokenIds ids, Deque<ImageReference> images) {
        int[] tokens = ids.getIdsList().stream().mapToInt(Integer::intValue).toArray();
        for (int position = 0; position < tokens.length; position++) {
            if (tokens[position] < 0 || tokens[position] >= vocabulary.size()) {
                throw new InvalidInputException(
                        field,
                        "token id %d at position %d is outside the vocabulary of %d tokens"
                                .formatted(tokens[position], position, vocabulary.size()));
            }
        }
        return textSegment(field, tokens, images);
    }

    private SegmentText textSegment(String field, int[] tokens, Deque<ImageReference> images) {
        if (tokens.length == 0) {
            throw new InvalidInputException(field, "it has 0 tokens, must have at least 1");
        }
        return places.fill(field, tokens, images);
    }

    /**
     * The segments of a request.
     *
     * @param segments documents, then the prompt; at least one
     * @param prompt the last of them, unless there are documents only
     */
    public record Prompt(List<SegmentText> segments, Optional<SegmentText> prompt) {

        public Prompt {
            segments = List.copyOf(segments);
        }
    }
}
