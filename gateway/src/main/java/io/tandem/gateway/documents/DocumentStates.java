package io.tandem.gateway.documents;

import com.google.protobuf.ByteString;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.ForgetRequest;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.vision.v1.Image;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.StoredFile;
import io.tandem.gateway.pipeline.EncoderClient;
import io.tandem.gateway.pipeline.Picture;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.VisionClient;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/** The states of files: made under the keys that a chat finds them by, and forgotten with the file. Thread-safe; calls block. */
public final class DocumentStates {

    /** A line for each key that states were made under, in hexadecimal. */
    private static final String KEYS = "keys";

    private final FileStore store;
    private final EncoderClient encoder;
    private final VisionClient vision;

    /** @param store keeps the keys beside the files */
    public DocumentStates(FileStore store, EncoderClient encoder, VisionClient vision) {
        this.store = store;
        this.encoder = encoder;
        this.vision = vision;
    }

    /**
     * Encodes a window, as a chat would.
     *
     * @return its key
     */
    ByteString encode(StoredFile file, String window, RequestScope scope) {
        EncodeRequest request = EncodeRequest.newBuilder()
                .setTenant(file.owner())
                .addDocuments(Document.newBuilder().setText(window))
                .build();
        return encoder.encode(request, scope).getSegmentsList().stream()
                .map(Segment::getKey)
                .findFirst()
                .orElseThrow();
    }

    /** Encodes a picture, as a chat would. */
    Image encode(StoredFile file, byte[] picture, RequestScope scope) {
        return vision.encode(List.of(Picture.of(picture, "file")), file.owner(), scope)
                .getFirst();
    }

    /**
     * Keeps the keys, so that the states can be forgotten later.
     *
     * @return false if the file has been deleted
     */
    boolean keep(StoredFile file, List<ByteString> keys) {
        StringBuilder lines = new StringBuilder();
        keys.forEach(
                key -> lines.append(HexFormat.of().formatHex(key.toByteArray())).append('\n'));
        return store.put(file, KEYS, lines.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** The keys that were kept. */
    List<ByteString> keys(StoredFile file) {
        return store.get(file, KEYS)
                .map(lines -> new String(lines, StandardCharsets.US_ASCII)
                        .lines()
                        .map(line -> ByteString.copyFrom(HexFormat.of().parseHex(line)))
                        .toList())
                .orElse(List.of());
    }

    /** Takes states out of the cache. */
    void forget(List<ByteString> keys, RequestScope scope) {
        if (!keys.isEmpty()) {
            encoder.forget(ForgetRequest.newBuilder().addAllKeys(keys).build(), scope);
        }
    }
}
