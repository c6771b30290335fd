package io.tandem.encoder.prompt;

import io.tandem.cache.ContentKey;
import io.tandem.contract.vision.v1.Image;
import io.tandem.engine.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * A picture whose soft tokens are in the cache. Immutable.
 *
 * @param sha256 names the picture, 32 bytes; not to be changed
 * @param softTokens where they are, {@code [views * tokensPerImage, hiddenSize]}
 * @param views the picture itself and its crops
 */
public record ImageReference(byte[] sha256, ContentKey softTokens, int views) {

    /** @throws InvalidInputException naming the picture that is not described in full */
    static List<ImageReference> of(List<Image> images) {
        List<ImageReference> references = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            Image image = images.get(i);
            if (image.getSha256().size() != ContentKey.LENGTH
                    || image.getSoftTokenKey().size() != ContentKey.LENGTH
                    || image.getViews() < 1) {
                throw new InvalidInputException(
                        "images[" + i + "]",
                        "an image has a digest and a key of %d bytes and 1 or more views, not %d, %d and %d"
                                .formatted(
                                        ContentKey.LENGTH,
                                        image.getSha256().size(),
                                        image.getSoftTokenKey().size(),
                                        image.getViews()));
            }
            references.add(new ImageReference(
                    image.getSha256().toByteArray(),
                    ContentKey.of(image.getSoftTokenKey().toByteArray()),
                    image.getViews()));
        }
        return references;
    }

    /** Soft-token views of several pictures together. */
    static int views(List<ImageReference> images) {
        return images.stream().mapToInt(ImageReference::views).sum();
    }
}
