package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fetch.RemotePicture;
import io.tandem.gateway.pipeline.Picture;
import java.util.List;

/** Brings the pictures that a request names by address. */
@FunctionalInterface
public interface RemotePictures {

    /** Brings none, as long as nobody has allowed it. */
    RemotePictures REFUSED = pictures -> {
        String field = pictures.getFirst().field();
        throw new TandemException(
                ErrorCode.UNSUPPORTED_PARAMETER,
                field,
                field
                        + " is an address, and this server fetches nothing; send a data: URI or set tandem.gateway.images.allow-remote.");
    };

    /**
     * Fetches pictures; blocks.
     *
     * @param pictures at least one
     * @return in their order
     * @throws TandemException what is wrong, and with which field
     */
    List<Picture> fetch(List<RemotePicture> pictures);
}
