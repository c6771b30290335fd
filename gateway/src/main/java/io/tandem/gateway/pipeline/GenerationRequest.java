package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.vision.v1.Image;
import java.util.List;

/**
 * One answer to be written.
 *
 * @param reading what the encoder-service gets, still without its images
 * @param pictures in the order of their places in the prompt
 * @param writing what a decoder-service gets, still without its segments
 */
public record GenerationRequest(EncodeRequest reading, List<Picture> pictures, GenerateRequest writing) {

    /** Keeps its own copy of the list. */
    public GenerationRequest {
        pictures = List.copyOf(pictures);
    }

    EncodeRequest reading(List<Image> images) {
        return images.isEmpty()
                ? reading
                : reading.toBuilder().addAllImages(images).build();
    }

    GenerateRequest writing(List<Segment> segments) {
        return writing.toBuilder().addAllSegments(segments).build();
    }
}
