package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.gateway.openai.ApiRequest.AnswerOptions;
import io.tandem.gateway.pipeline.GenerationRequest;
import io.tandem.gateway.pipeline.Picture;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the body of one request to /v1/chat/completions. */
public final class ChatReader extends RequestReader {

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
    public ChatReader(ServedModel model, RequestLimits limits, Sources sources) {
        super(model);
        this.writingReader = new WritingReader(model);
        this.choiceReader = new ChoiceReader(limits);
        this.documentReader = new DocumentReader(model, limits);
        this.pictureReader = new PictureReader(model, limits, sources.remotePictures());
        this.files = new FileParts(sources.files(), limits);
    }

    @Override
    ApiRequest read(Field body) {
        OptionalInt logprobs = LogprobReader.ofChat(body);
        AnswerOptions options = options(body, logprobs.isPresent());
        Refusals.ofChat().check(body);
        boolean continueLast = body.get("continue_final_message").flag(false);
        requireGenerationPrompt(body.get("add_generation_prompt"), continueLast);
        ConversationReader messages =
                new ConversationReader(body.require("messages"), continueLast, Optional.of(files));
        GenerateRequest.Builder writing = writingReader.read(body, maxTokens(body));
        logprobs.ifPresent(writing::setLogprobs);
        messages.prefix().ifPresent(prefix -> {
            if (body.get("decoder_prefix").isSet()) {
                throw body.get("decoder_prefix").invalid("does not go with continue_final_message");
            }
            writing.setPrefixText(prefix);
        });
        List<GenerateRequest> writings = choiceReader.read(body, writing.build());
        EncodeRequest reading = EncodeRequest.newBuilder()
                .setConversation(messages.conversation())
                .addAllDocuments(documentReader.read(body.get("documents"), false, files))
                .build();
        List<Picture> pictures = pictureReader.read(messages.pictures(), files);
        return new ApiRequest(List.of(new GenerationRequest(reading, pictures, writings)), options);
    }

    /** The encoder always reads up to where the answer begins; vLLM's clients turn that off to continue a message. */
    private static void requireGenerationPrompt(Field field, boolean continueLast) {
        if (!field.flag(true) && !continueLast) {
            throw field.failure(ErrorCode.UNSUPPORTED_PARAMETER, "must be true but with continue_final_message: true");
        }
    }

    /** The newer name wins, as with OpenAI. */
    private int maxTokens(Field body) {
        int older = writingReader.maxTokens(body.get("max_tokens"), 0);
        return writingReader.maxTokens(body.get("max_completion_tokens"), older);
    }
}
