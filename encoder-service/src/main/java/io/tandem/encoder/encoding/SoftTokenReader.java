package io.tandem.encoder.encoding;

import io.tandem.cache.StateLostException;
import io.tandem.cache.StateManifest;
import io.tandem.cache.StateReader;
import io.tandem.cache.StateStore;
import io.tandem.encoder.prompt.ImageReference;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the soft tokens of pictures from the cache. Immutable, thread-safe.
 *
 * @param store holds them
 * @param tokensPerImage rows of one view
 * @param hiddenSize columns
 */
public record SoftTokenReader(StateStore store, int tokensPerImage, int hiddenSize) {

    /**
     * The soft tokens of each view of each picture, [tokensPerImage, hiddenSize].
     *
     * @throws StateLostException if some are no longer there: the picture has to be sent again
     */
    List<float[]> read(List<ImageReference> images) {
        List<float[]> views = new ArrayList<>();
        for (ImageReference image : images) {
            read(image, views);
        }
        return views;
    }

    private void read(ImageReference image, List<float[]> views) {
        StateReader reader = store.read(image.softTokens())
                .orElseThrow(() -> new StateLostException(image.softTokens(), "no soft tokens are under this key"));
        StateManifest manifest = reader.manifest();
        if (manifest.rows() != image.views() * tokensPerImage || manifest.columns() != hiddenSize) {
            throw new StateLostException(
                    image.softTokens(),
                    "it has %d rows of %d values, %d views of the served model have %d rows of %d"
                            .formatted(
                                    manifest.rows(),
                                    manifest.columns(),
                                    image.views(),
                                    image.views() * tokensPerImage,
                                    hiddenSize));
        }
        float[] all = new float[manifest.rows() * hiddenSize];
        reader.forEachChunk(
                (data, firstRow, rows) -> System.arraycopy(data, 0, all, firstRow * hiddenSize, rows * hiddenSize));
        int length = tokensPerImage * hiddenSize;
        for (int view = 0; view < image.views(); view++) {
            float[] softTokens = new float[length];
            System.arraycopy(all, view * length, softTokens, 0, length);
            views.add(softTokens);
        }
    }
}
