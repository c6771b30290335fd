package io.tandem.gateway.openai;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fetch.RemotePicture;
import io.tandem.gateway.pipeline.Picture;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads pictures from data: URIs, after it has counted them, and has those that are somewhere else fetched at the end. */
final class PictureReader {

    private static final String SCHEME = "data:";
    private static final String BASE64 = ";base64";

    private final ServedModel model;
    private final RequestLimits limits;
    private final RemotePictures remotePictures;

    PictureReader(ServedModel model, RequestLimits limits, RemotePictures remotePictures) {
        this.model = model;
        this.limits = limits;
        this.remotePictures = remotePictures;
    }

    /**
     * Reads all pictures of a request.
     *
     * @param uris the fields that hold them, in the prompt's order
     * @param files of which some may be pictures
     */
    List<Picture> read(List<Field> uris, FileParts files) {
        if (!uris.isEmpty() && !model.images()) {
            throw uris.getFirst()
                    .failure(ErrorCode.UNSUPPORTED_PARAMETER, "holds a picture, and this model reads none");
        }
        if (uris.size() > limits.maxPictures()) {
            throw uris.get(limits.maxPictures())
                    .invalid("is one of %d pictures, limit %d; raise tandem.gateway.images.max-count"
                            .formatted(uris.size(), limits.maxPictures()));
        }
        Map<String, Picture> pictures = new HashMap<>();
        List<RemotePicture> elsewhere = new ArrayList<>();
        for (Field uri : uris) {
            Optional<byte[]> file = files.picture(uri);
            if (file.isPresent()) {
                pictures.put(uri.path(), ofFile(uri, file.get()));
            } else if (isAddress(uri.text())) {
                elsewhere.add(new RemotePicture(uri.text(), uri.path()));
            } else {
                pictures.put(uri.path(), read(uri));
            }
        }
        if (!elsewhere.isEmpty()) {
            remotePictures.fetch(elsewhere).forEach(picture -> pictures.put(picture.field(), picture));
        }
        return uris.stream().map(uri -> pictures.get(uri.path())).toList();
    }

    private Picture ofFile(Field field, byte[] file) {
        requireSize(field, file.length);
        return Picture.of(file, field.path());
    }

    private static boolean isAddress(String uri) {
        return uri.regionMatches(true, 0, "http:", 0, 5) || uri.regionMatches(true, 0, "https:", 0, 6);
    }

    private Picture read(Field field) {
        String uri = field.text();
        int comma = uri.indexOf(',');
        if (!uri.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) || comma < 0) {
            throw invalid(field, "is no data: URI");
        }
        String mediaType = uri.substring(SCHEME.length(), comma).toLowerCase(Locale.ROOT);
        if (!mediaType.endsWith(BASE64)) {
            throw invalid(field, "must hold base64: data:image/png;base64,...");
        }
        if (!mediaType.startsWith("image/")) {
            throw invalid(
                    field,
                    "must be of a media type image/*, not "
                            + mediaType.substring(0, Math.min(64, mediaType.length() - BASE64.length())));
        }
        return Picture.of(decode(field, uri, comma + 1), field.path());
    }

    private byte[] decode(Field field, String uri, int start) {
        int padding = uri.endsWith("==") ? 2 : uri.endsWith("=") ? 1 : 0;
        long bytes = (uri.length() - start) * 3L / 4 - padding;
        requireSize(field, bytes);
        byte[] picture;
        try {
            picture = Base64.getDecoder().decode(uri.substring(start));
        } catch (IllegalArgumentException malformed) {
            throw invalid(field, "holds malformed base64");
        }
        if (picture.length == 0) {
            throw invalid(field, "holds no bytes");
        }
        return picture;
    }

    private void requireSize(Field field, long bytes) {
        if (bytes > limits.maxPictureBytes()) {
            throw field.failure(
                    ErrorCode.PAYLOAD_TOO_LARGE,
                    "holds a picture of %,d bytes, limit %,d; raise tandem.gateway.images.max-size"
                            .formatted(bytes, limits.maxPictureBytes()));
        }
    }

    private static TandemException invalid(Field field, String reason) {
        return field.failure(ErrorCode.INVALID_IMAGE, reason);
    }
}
