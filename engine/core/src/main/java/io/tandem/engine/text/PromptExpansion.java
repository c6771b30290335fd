package io.tandem.engine.text;

import io.tandem.engine.InvalidInputException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Makes room for image features in the text of a prompt, as transformers' Gemma3Processor does; immutable, thread-safe.
 *
 * <p>The start-of-image token stands for an image. It becomes an <em>image sequence</em>: a blank line, the
 * start-of-image token, as many soft tokens as an image has features, the end-of-image token, a blank line. An image
 * with pan-and-scan crops becomes a sentence with one image sequence for the whole and one for each crop.
 *
 * <p>Soft tokens come from here only. A text that spells one out, whoever wrote it, is refused with the name of its
 * field, since its soft token would take a feature from an image that comes after it. So every text that is tokenized,
 * attached documents too, goes through {@link #expand}, with no images if it has none.
 */
public final class PromptExpansion {

    private final String startOfImage;
    private final String softToken;
    private final String imageSequence;

    private PromptExpansion(String startOfImage, String softToken, String imageSequence) {
        this.startOfImage = startOfImage;
        this.softToken = softToken;
        this.imageSequence = imageSequence;
    }

    /**
     * @param tokensPerImage soft tokens for an image or a crop ({@code mm_tokens_per_image})
     * @return empty if the checkpoint does not name all three image tokens, so that it takes no images
     */
    public static Optional<PromptExpansion> of(SpecialTokens specialTokens, int tokensPerImage) {
        if (tokensPerImage <= 0) {
            throw new IllegalArgumentException("tokensPerImage is " + tokensPerImage + ", must be positive");
        }
        return specialTokens.startOfImage().flatMap(start -> specialTokens
                .endOfImage()
                .flatMap(end -> specialTokens.imageSoftToken().map(soft -> {
                    String sequence = "\n\n" + start.text() + soft.text().repeat(tokensPerImage) + end.text() + "\n\n";
                    return new PromptExpansion(start.text(), soft.text(), sequence);
                })));
    }

    /**
     * Expands the images of a prompt.
     *
     * @param field the request's field that the prompt came from, for errors
     * @param prompt rendered text with one start-of-image token an image
     * @param crops pan-and-scan crops of each image, 0 where it is taken as it is, [images]
     * @throws InvalidInputException if the prompt has more or fewer places for images than there are images, or if it
     *     has soft tokens already
     */
    public String expand(String field, String prompt, int[] crops) {
        int softTokens = count(prompt, softToken);
        if (softTokens > 0) {
            throw new InvalidInputException(
                    field,
                    "the text has " + softToken + " " + times(softTokens) + ", allowed are 0; the place of an image is "
                            + "written " + startOfImage);
        }
        int places = count(prompt, startOfImage);
        if (places != crops.length) {
            throw new InvalidInputException(
                    field,
                    "the text has " + startOfImage + " " + times(places) + ", but " + crops.length + " image"
                            + (crops.length == 1 ? " is" : "s are") + " given; there must be one for each image");
        }
        StringBuilder result = new StringBuilder(prompt.length()
                + imageSequence.length() * (crops.length + Arrays.stream(crops).sum()));
        int position = 0;
        for (int cropsOfImage : crops) {
            int place = prompt.indexOf(startOfImage, position);
            result.append(prompt, position, place);
            appendImage(result, cropsOfImage);
            position = place + startOfImage.length();
        }
        return result.append(prompt, position, prompt.length()).toString();
    }

    private void appendImage(StringBuilder result, int crops) {
        if (crops == 0) {
            result.append(imageSequence);
            return;
        }
        result.append("Here is the original image ")
                .append(imageSequence)
                .append(" and here are some crops to help you see better ")
                .append(imageSequence);
        for (int crop = 1; crop < crops; crop++) {
            result.append(' ').append(imageSequence);
        }
    }

    private static int count(String text, String token) {
        int count = 0;
        for (int at = text.indexOf(token); at >= 0; at = text.indexOf(token, at + token.length())) {
            count++;
        }
        return count;
    }

    private static String times(int count) {
        return count == 1 ? "once" : count + " times";
    }
}
