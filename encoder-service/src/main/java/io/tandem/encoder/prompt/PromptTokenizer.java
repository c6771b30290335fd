package io.tandem.encoder.prompt;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.TokenizeReply;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.text.ChatTemplate;
import io.tandem.engine.text.Tokenizer;
import java.util.Arrays;

/** Tokens of texts and conversations, and texts of tokens, for those who only count or look. Immutable, thread-safe. */
public final class PromptTokenizer {

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final int vocabularySize;

    /** @param vocabularySize of the model: ids are below this */
    public PromptTokenizer(Tokenizer tokenizer, ChatTemplate template, int vocabularySize) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.vocabularySize = vocabularySize;
    }

    /**
     * Tokenizes a text or a conversation.
     *
     * @throws InvalidInputException if the conversation can't be rendered
     * @throws TandemException if it holds pictures, whose tokens are known only when they have been seen
     */
    public TokenizeReply tokenize(TokenizeRequest request) {
        int[] tokens = request.hasConversation() ? conversation(request) : text(request);
        TokenizeReply.Builder reply = TokenizeReply.newBuilder()
                .addAllTokenIds(Arrays.stream(tokens).boxed().toList());
        if (request.getReturnTokenStrings()) {
            for (int token : tokens) {
                reply.addTokenStrings(tokenizer.decode(new int[] {token}, false));
            }
        }
        return reply.build();
    }

    /**
     * The text of tokens, special ones included.
     *
     * @throws InvalidInputException if an id is outside the vocabulary
     */
    public String detokenize(DetokenizeRequest request) {
        int[] tokens = new int[request.getTokenIdsCount()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = request.getTokenIds(i);
            if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
                throw new InvalidInputException(
                        "tokens",
                        "token id %d at position %d is outside the vocabulary of %d tokens"
                                .formatted(tokens[i], i, vocabularySize));
            }
        }
        return tokenizer.decode(tokens, false);
    }

    private int[] text(TokenizeRequest request) {
        boolean special = !request.hasAddSpecialTokens() || request.getAddSpecialTokens();
        return special ? tokenizer.encode(request.getText()) : tokenizer.encodeWithoutSpecial(request.getText());
    }

    private int[] conversation(TokenizeRequest request) {
        Conversation conversation = request.getConversation();
        int images = Conversations.images(conversation);
        if (images > 0) {
            throw new TandemException(
                    ErrorCode.UNSUPPORTED_PARAMETER,
                    "messages",
                    "the messages have %d images, only text can be tokenized".formatted(images));
        }
        boolean generationPrompt = !request.hasAddGenerationPrompt() || request.getAddGenerationPrompt();
        String rendered = template.render(Conversations.read(conversation), generationPrompt);
        if (!request.hasAddSpecialTokens()) {
            return tokenizer.encodePrompt(rendered);
        }
        return request.getAddSpecialTokens() ? tokenizer.encode(rendered) : tokenizer.encodeWithoutSpecial(rendered);
    }
}
