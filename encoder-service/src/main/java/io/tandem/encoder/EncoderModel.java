package io.tandem.encoder;

import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.encoder.config.EncoderConfig;
import io.tandem.encoder.prompt.DocumentCutter;
import io.tandem.encoder.prompt.PromptLimits;
import io.tandem.encoder.prompt.PromptReader;
import io.tandem.encoder.prompt.PromptTokenizer;
import io.tandem.encoder.prompt.WindowLimits;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.image.ImageProcessorConfig;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.ChatTemplate;
import io.tandem.engine.text.PromptExpansion;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.ModelIdentity;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The model as the encoder service needs it; closed by whoever opened engine and tokenizer, after the service.
 *
 * @param engine makes the runner
 * @param tokenizer of the same checkpoint
 * @param checkpoint folder with the chat template
 */
record EncoderModel(Engine engine, Tokenizer tokenizer, Path checkpoint) {

    /** What its states are told apart by from those of other models. */
    ModelIdentity identity() {
        return ModelIdentity.of(engine);
    }

    /** @throws io.tandem.engine.checkpoint.CheckpointException if the chat template can't be used */
    PromptReader reader(EncoderConfig config) {
        ModelConfig model = engine.config();
        return new PromptReader(
                tokenizer,
                template(config),
                expansion(),
                new PromptReader.Vocabulary(model.vocabSize(), model.imageToken(), model.tokensPerImage()),
                limits(config));
    }

    /** @throws io.tandem.engine.checkpoint.CheckpointException if the chat template can't be used */
    PromptTokenizer promptTokenizer(EncoderConfig config) {
        return new PromptTokenizer(tokenizer, template(config), engine.config().vocabSize());
    }

    /** @throws IllegalArgumentException if a setting is out of range; the message names it */
    DocumentCutter cutter(EncoderConfig config) {
        WindowLimits windows = new WindowLimits(
                        config.documents().windowTokens(), config.documents().overlapTokens())
                .within(limits(config).tokens());
        return new DocumentCutter(tokenizer, windows, windows.name(engine.fingerprint()));
    }

    /** What callers are told of the served model. */
    ModelDescription description(EncoderConfig config) {
        return ModelDescription.newBuilder()
                .setFingerprint(engine.fingerprint())
                .setBackend(engine.backend())
                .setMaxEncoderTokens(limits(config).tokens())
                .setMaxDecoderTokens(engine.config().decoder().maxPositions())
                .setImages(expansion().isPresent())
                .setTokensPerImage(engine.config().tokensPerImage())
                .setVocabularySize(engine.config().vocabSize())
                .setDocumentCut(cutter(config).name())
                .setModel(identity().value())
                .build();
    }

    private ChatTemplate template(EncoderConfig config) {
        return config.chatTemplate()
                .map(file -> ChatTemplate.ofFile(file, tokenizer.specialTokens()))
                .orElseGet(() -> ChatTemplate.open(checkpoint, tokenizer.specialTokens()));
    }

    private PromptLimits limits(EncoderConfig config) {
        return new PromptLimits(engine.config().encoder().maxPositions(), config.maxTokens());
    }

    /** Empty if the model reads no pictures. The tower itself may be loaded in another process only. */
    private Optional<PromptExpansion> expansion() {
        return engine.config()
                .vision()
                .filter(tower -> ImageProcessorConfig.existsIn(checkpoint))
                .flatMap(tower -> PromptExpansion.of(
                        tokenizer.specialTokens(), engine.config().tokensPerImage()));
    }
}
