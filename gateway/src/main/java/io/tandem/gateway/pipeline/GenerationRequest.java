package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.vision.v1.Image;
import java.util.List;

/**
 * One prompt to be read, and the answers to be written to it.
 *
 * @param reading what the encoder-service gets, still without its images
 * @param pictures in the order of their places in the prompt
 * @param writings what decoder-services get, still without its segments; at least one, each for an answer or for those of a search
 */
public record GenerationRequest(EncodeRequest reading, List<Picture> pictures, List<GenerateRequest> writings) {

    /** Keeps its own copies of the lists. */
    public GenerationRequest {
        pictures = List.copyOf(pictures);
        writings = List.copyOf(writings);
    }

    /** The same, reading and keeping only what belongs to one tenant. */
    public GenerationRequest ofTenant(String tenant) {
        return new GenerationRequest(reading.toBuilder().setTenant(tenant).build(), pictures, writings);
    }

    /** Answers to the prompt, all writings together. */
    public int answers() {
        return writings.stream().mapToInt(GenerationRequest::answers).sum();
    }

    /** Sequences that are written for it at the same time, the beams of a search being one each. */
    public int places() {
        return writings.stream()
                .mapToInt(writing -> writing.hasBeams() ? writing.getBeams().getWidth() : 1)
                .sum();
    }

    /** Answers that come of one writing. */
    static int answers(GenerateRequest writing) {
        return writing.hasBeams() ? writing.getBeams().getAnswers() : 1;
    }

    EncodeRequest reading(List<Image> images) {
        return images.isEmpty()
                ? reading
                : reading.toBuilder().addAllImages(images).build();
    }
}
