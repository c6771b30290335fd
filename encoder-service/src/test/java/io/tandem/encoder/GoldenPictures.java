package io.tandem.encoder;

import com.google.protobuf.ByteString;
import io.tandem.cache.ContentKey;
import io.tandem.cache.ContentKeys;
import io.tandem.cache.StateStore;
import io.tandem.cache.StateWriter;
import io.tandem.contract.vision.v1.Image;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.runner.VisionRunner;
import io.tandem.runtime.ModelIdentity;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Stands for the vision service: stores the soft tokens of golden pictures. Owned by one test class. */
final class GoldenPictures implements AutoCloseable {

    /** The encoder's own, without any of its weights. */
    private static final ModelIdentity MODEL = model();

    private final Engine engine;
    private final VisionRunner runner;

    GoldenPictures() {
        try (Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder("multimodal"))) {
            engine = Engine.load(checkpoint, Backends.open("cpu", 1), Set.of(Part.VISION), LoadProgress.SILENT);
        }
        runner = engine.newVisionRunner();
    }

    private static ModelIdentity model() {
        try (Checkpoint checkpoint = Checkpoint.open(GoldenCases.folder("multimodal"));
                Engine engine = Engine.load(checkpoint, Backends.open("cpu", 1), Set.of(), LoadProgress.SILENT)) {
            return ModelIdentity.of(engine);
        }
    }

    /** The pictures of a case, stored. */
    List<Image> store(StateStore store, GoldenCase golden) {
        if (!golden.tensors().containsKey("pixels")) {
            return List.of();
        }
        byte[] levels = golden.tensor("pixels").bytes();
        int values = 3 * runner.imageSize() * runner.imageSize();
        float[][] pixels = new float[levels.length / values][values];
        for (int i = 0; i < levels.length; i++) {
            pixels[i / values][i % values] = ((levels[i] & 0xff) - 127.5f) / 127.5f;
        }
        List<Image> images = new ArrayList<>();
        for (float[] softTokens : runner.encode(pixels)) {
            images.add(store(store, golden.name() + "-" + images.size(), softTokens));
        }
        return images;
    }

    /** A picture whose soft tokens nobody stored. */
    static Image missing(String name) {
        byte[] sha256 = sha256(name);
        ContentKey key = ContentKeys.of("lost", "cpu", "").image(sha256);
        return image(sha256, key);
    }

    @Override
    public void close() {
        runner.close();
        engine.close();
    }

    private Image store(StateStore store, String name, float[] softTokens) {
        byte[] sha256 = sha256(name);
        ContentKey key = ContentKeys.of("golden", "cpu", "").image(sha256);
        try (StateWriter writer = store.write(key, runner.tokensPerImage(), runner.hiddenSize())) {
            writer.append(softTokens, 0, runner.tokensPerImage());
            writer.commit();
        }
        return image(sha256, key);
    }

    private static Image image(byte[] sha256, ContentKey key) {
        return Image.newBuilder()
                .setSha256(ByteString.copyFrom(sha256))
                .setSoftTokenKey(ByteString.copyFrom(key.toBytes()))
                .setViews(1)
                .setModel(MODEL.value())
                .build();
    }

    private static byte[] sha256(String name) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
