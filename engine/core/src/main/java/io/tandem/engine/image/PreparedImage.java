package io.tandem.engine.image;

import java.util.List;

/**
 * What the vision tower reads of one image.
 *
 * @param views pixel values of the whole image and then of its crops, {@code [3, size, size]} each; not to be changed
 */
public record PreparedImage(List<float[]> views) {

    public PreparedImage {
        views = List.copyOf(views);
        if (views.isEmpty()) {
            throw new IllegalArgumentException("an image has at least one view");
        }
    }

    /** How many of the views are crops. */
    public int crops() {
        return views.size() - 1;
    }
}
