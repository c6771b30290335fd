package io.tandem.engine.golden;

import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenTensor;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.VisionRunner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a golden case gives to the model, without its padding.
 *
 * @param texts encoder inputs, each encoded by itself
 * @param requests for each answer the indexes of the texts it attends to
 * @param prefix decoder tokens before generation, {@code <bos>} first
 */
record GoldenInputs(List<EncoderInput> texts, int[][] requests, int... prefix) {

    static GoldenInputs of(GoldenCase golden, ModelConfig config, VisionRunner vision) {
        List<int[]> texts = texts(golden);
        List<float[]> softTokens = softTokens(golden, vision);
        List<EncoderInput> inputs = new ArrayList<>();
        int nextImage = 0;
        for (int[] tokens : texts) {
            int imageTokens = (int) Arrays.stream(tokens)
                    .filter(token -> token == config.imageToken())
                    .count();
            int images = imageTokens / config.tokensPerImage();
            inputs.add(new EncoderInput(tokens, softTokens.subList(nextImage, nextImage + images)));
            nextImage += images;
        }
        boolean fusion = golden.tensors().containsKey("document.0");
        int[][] requests = fusion
                ? new int[][] {{0, 1}}
                : IntStream.range(0, texts.size())
                        .mapToObj(text -> new int[] {text})
                        .toArray(int[][]::new);
        int[] prefix = golden.tensors().containsKey("decoder_input_ids")
                ? golden.tensor("decoder_input_ids").ints()
                : new int[] {config.decoderStartToken()};
        return new GoldenInputs(inputs, requests, prefix);
    }

    private static List<int[]> texts(GoldenCase golden) {
        if (golden.tensors().containsKey("document.0")) {
            return List.of(
                    golden.tensor("document.0").ints(),
                    golden.tensor("document.1").ints());
        }
        GoldenTensor ids = golden.tensor("input_ids");
        int columns = ids.shape()[1];
        List<int[]> texts = new ArrayList<>();
        for (int row = 0; row < ids.shape()[0]; row++) {
            int[] padded = Arrays.copyOfRange(ids.ints(), row * columns, (row + 1) * columns);
            texts.add(golden.tensors().containsKey("attention_mask") ? unpadded(golden, row, padded) : padded);
        }
        return texts;
    }

    private static int[] unpadded(GoldenCase golden, int row, int... padded) {
        int[] mask = golden.tensor("attention_mask").ints();
        return IntStream.range(0, padded.length)
                .filter(column -> mask[row * padded.length + column] == 1)
                .map(column -> padded[column])
                .toArray();
    }

    private static List<float[]> softTokens(GoldenCase golden, VisionRunner vision) {
        return golden.tensors().containsKey("pixels") ? List.of(vision.encode(pixels(golden))) : List.of();
    }

    /** Normalised pixels of all images of a case. */
    static float[][] pixels(GoldenCase golden) {
        GoldenTensor stored = golden.tensor("pixels");
        byte[] bytes = stored.bytes();
        float[][] images = new float[stored.shape()[0]][bytes.length / stored.shape()[0]];
        for (int i = 0; i < bytes.length; i++) {
            float level = Byte.toUnsignedInt(bytes[i]);
            images[i / images[0].length][i % images[0].length] = (level - 127.5f) / 127.5f;
        }
        return images;
    }
}
