package io.tandem.gateway.fetch;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;

/**
 * The request's field that holds an address, for what goes wrong with it. Messages never tell what an address led to.
 *
 * @param path such as {@code messages[0].content[1].image_url.url}
 */
record FetchedField(String path) {

    /** A failure of this field; the reason goes on after its name. */
    TandemException invalid(String reason) {
        return new TandemException(ErrorCode.INVALID_IMAGE_URL, path, path + " " + reason + ".");
    }

    /** A failure of whoever should have sent the picture. */
    TandemException failed(String reason) {
        return failed(reason, null);
    }

    /**
     * As {@link #failed(String)}, with what led to it.
     *
     * @param cause for the log, never for the client; may be null
     */
    TandemException failed(String reason, Throwable cause) {
        return new TandemException(
                ErrorCode.INVALID_IMAGE_URL, path, path + " could not be fetched: " + reason + ".", cause);
    }

    /**
     * One answer for every place where nothing is fetched, so that nobody learns from it what names and addresses there are on
     * this side.
     */
    TandemException outOfBounds() {
        return invalid("is at, or leads to, a place that this server does not fetch from");
    }
}
