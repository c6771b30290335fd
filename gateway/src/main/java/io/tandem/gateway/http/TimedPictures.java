package io.tandem.gateway.http;

import io.tandem.gateway.fetch.RemotePicture;
import io.tandem.gateway.openai.RemotePictures;
import io.tandem.gateway.pipeline.Picture;
import java.time.Duration;
import java.util.List;

/** Brings the pictures of one request and keeps how long that took. Used by the request's thread. */
final class TimedPictures implements RemotePictures {

    private final RemotePictures pictures;
    private Duration taken = Duration.ZERO;

    TimedPictures(RemotePictures pictures) {
        this.pictures = pictures;
    }

    /** Time that fetching has taken so far; none if there was nothing to fetch. */
    Duration taken() {
        return taken;
    }

    @Override
    public List<Picture> fetch(List<RemotePicture> named) {
        long start = System.nanoTime();
        try {
            return pictures.fetch(named);
        } finally {
            taken = taken.plusNanos(System.nanoTime() - start);
        }
    }
}
