package io.tandem.engine.runner;

import io.tandem.engine.InvalidInputException;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.model.Encoder;
import io.tandem.engine.model.Model;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.Tensor;
import java.util.List;

/** Runs the encoder over ragged batches. Its activations make it a thing for one thread at a time. */
final class ModelEncoderRunner implements EncoderRunner {

    private final Model model;
    private final ModelConfig config;
    private final Encoder encoder;
    private final Slices slices;

    ModelEncoderRunner(Model model, ComputeTurns turns) {
        this.model = model;
        this.config = model.config();
        this.encoder = model.newEncoder();
        this.slices = new Slices(turns, ComputeTurns.Role.ENCODER);
    }

    @Override
    public int hiddenSize() {
        return encoder.hiddenSize();
    }

    @Override
    public int maxTokens() {
        return config.encoder().maxPositions();
    }

    @Override
    public void check(EncoderInput input) {
        int[] tokens = input.tokens();
        if (tokens.length == 0 || tokens.length > maxTokens()) {
            throw new InvalidInputException(
                    "prompt",
                    "the text has %d tokens, the encoder takes 1 to %d".formatted(tokens.length, maxTokens()));
        }
        int imageTokens = 0;
        for (int token : tokens) {
            if (token < 0 || token >= config.vocabSize()) {
                throw new InvalidInputException(
                        "prompt",
                        "token id %d is outside the vocabulary of %d tokens".formatted(token, config.vocabSize()));
            }
            if (token == config.imageToken()) {
                imageTokens++;
            }
        }
        int softTokens = 0;
        for (float[] image : input.softTokens()) {
            softTokens += image.length / hiddenSize();
        }
        if (softTokens != imageTokens) {
            throw new InvalidInputException(
                    "prompt",
                    "the text has %d image tokens, its images have %d soft tokens".formatted(imageTokens, softTokens));
        }
    }

    @Override
    public EncoderPass begin(List<EncoderInput> inputs) {
        inputs.forEach(this::check);
        Segments segments = new Segments(
                inputs.stream().mapToInt(input -> input.tokens().length).toArray());
        int[] tokens = new int[segments.rows()];
        for (int i = 0; i < inputs.size(); i++) {
            System.arraycopy(inputs.get(i).tokens(), 0, tokens, segments.start(i), segments.length(i));
        }
        Encoder.Text text = new Encoder.Text(tokens, segments, embedded -> placeSoftTokens(inputs, segments, embedded));
        return new ModelEncoderPass(model.ops(), encoder.begin(text), segments, slices);
    }

    /** Rows of image tokens take the images' soft tokens, in order. */
    private void placeSoftTokens(List<EncoderInput> inputs, Segments segments, Tensor embedded) {
        for (int i = 0; i < inputs.size(); i++) {
            EncoderInput input = inputs.get(i);
            int image = 0;
            int offset = 0;
            for (int position = 0;
                    position < input.tokens().length
                            && image < input.softTokens().size();
                    position++) {
                if (input.tokens()[position] == config.imageToken()) {
                    float[] softTokens = input.softTokens().get(image);
                    model.ops().write(embedded, segments.start(i) + position, softTokens, offset, 1);
                    offset += hiddenSize();
                    if (offset == softTokens.length) {
                        image++;
                        offset = 0;
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        encoder.close();
    }
}
