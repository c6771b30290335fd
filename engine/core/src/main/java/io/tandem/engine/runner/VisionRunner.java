package io.tandem.engine.runner;

/** Turns preprocessed pictures into the soft tokens that the encoder takes in place of image tokens. */
public interface VisionRunner extends AutoCloseable {

    /** Pixels a side of a picture, config key {@code image_size}. */
    int imageSize();

    /** Soft tokens a picture becomes, config key {@code mm_tokens_per_image}. */
    int tokensPerImage();

    /** Values of a soft token: the encoder's hidden size. */
    int hiddenSize();

    /**
     * Runs tower and projector on a batch; what a picture becomes does not depend on the others.
     *
     * @param pixels for each picture {@code 3 * imageSize * imageSize} normalised values, channel-first
     * @return for each picture [tokensPerImage, hiddenSize], row-major
     */
    float[][] encode(float[][] pixels);

    @Override
    void close();
}
