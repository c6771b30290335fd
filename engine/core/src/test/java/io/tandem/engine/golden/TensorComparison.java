package io.tandem.engine.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenTensor;
import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.model.Decoder;
import io.tandem.engine.model.Encoder;
import io.tandem.engine.model.EncoderProjection;
import io.tandem.engine.model.LayerPass;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Model;
import io.tandem.engine.model.Part;
import io.tandem.engine.model.Predictions;
import io.tandem.engine.model.TextPass;
import io.tandem.engine.model.Trace;
import io.tandem.engine.model.VisionPass;
import io.tandem.engine.model.VisionTower;
import io.tandem.engine.ops.DecoderRows;
import io.tandem.engine.ops.KvBlock;
import io.tandem.engine.ops.KvPages;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Segments;
import io.tandem.engine.ops.SequenceKv;
import io.tandem.engine.ops.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Compares what the forward passes compute on the way with the reference's tensors of one case. */
final class TensorComparison {

    /** Spec: within 2e-4 of the largest absolute value. */
    static final float TOLERANCE = 2e-4f;

    /** So little that every slice is one piece. */
    private static final long SLICE_WORK = 1;

    private final GoldenCase golden;
    private final WeightSource source;
    private final Ops ops;

    TensorComparison(GoldenCase golden, WeightSource source, Ops ops) {
        this.golden = golden;
        this.source = source;
        this.ops = ops;
    }

    void run() {
        try (Model model = Model.load(source, ops, EnumSet.allOf(Part.class), LoadProgress.SILENT)) {
            List<float[]> softTokens = compareVision(model);
            if (golden.tensors().containsKey("encoder.out")) {
                float[] states = compareEncoder(model, softTokens);
                if (golden.tensors().containsKey("forced_ids")) {
                    compareDecoder(model, states);
                }
            }
        }
    }

    private List<float[]> compareVision(Model model) {
        if (!golden.tensors().containsKey("pixels")) {
            return List.of();
        }
        float[][] pixels = GoldenInputs.pixels(golden);
        try (VisionTower tower = model.newVisionTower()) {
            tower.trace(comparing("vision."));
            float[] features = run(tower.begin(pixels), VisionPass::softTokens);
            compare("vision.features", features);
            if (golden.tensors().containsKey("pixel_values")) {
                compare("pixel_values", pixels[0]);
            }
            int each = features.length / pixels.length;
            return IntStream.range(0, pixels.length)
                    .mapToObj(image -> Arrays.copyOfRange(features, image * each, (image + 1) * each))
                    .toList();
        }
    }

    private float[] compareEncoder(Model model, List<float[]> softTokens) {
        List<int[]> texts = golden.tensors().containsKey("document.0")
                ? List.of(
                        golden.tensor("document.0").ints(),
                        golden.tensor("document.1").ints())
                : List.of(golden.tensor("input_ids").ints());
        float[] joined = new float[golden.tensor("encoder.out").floats().length];
        try (Encoder encoder = model.newEncoder()) {
            encoder.trace(comparing("encoder."));
            int offset = 0;
            for (int[] tokens : texts) {
                Encoder.Text text = new Encoder.Text(
                        tokens, new Segments(tokens.length), embedded -> replace(model, tokens, softTokens, embedded));
                float[] values = run(encoder.begin(text), TextPass::states);
                System.arraycopy(values, 0, joined, offset, values.length);
                offset += values.length;
            }
            assertEquals(joined.length, offset);
        }
        compare("encoder.out", joined);
        return joined;
    }

    private <P extends LayerPass> float[] run(P begun, Function<P, Tensor> result) {
        try (P pass = begun) {
            while (!pass.done()) {
                pass.advance(SLICE_WORK);
            }
            return floats(result.apply(pass));
        }
    }

    private void replace(Model model, int[] tokens, List<float[]> softTokens, Tensor embedded) {
        int row = 0;
        int columns = embedded.columns();
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] == model.config().imageToken()) {
                float[] image = softTokens.get(row * columns / softTokens.getFirst().length);
                ops.write(embedded, i, image, row * columns % image.length, 1);
                row++;
            }
        }
    }

    private void compareDecoder(Model model, float... states) {
        int[] forced = golden.tensor("forced_ids").ints();
        int encoderTokens = states.length / model.config().encoder().hiddenSize();
        KvPages pages = model.newPages(forced.length, 1);
        try (KvBlock block = model.newBlock(encoderTokens);
                EncoderProjection projection = model.newProjection();
                Decoder decoder = model.newDecoder(pages);
                Predictions predictions = new Predictions(ops, model.config().vocabSize())) {
            projection.append(block, 0, states, 0, encoderTokens);
            Sequence sequence = new Sequence(IntStream.range(0, forced.length).toArray(), List.of(block));
            DecoderRows rows = new DecoderRows();
            for (int position = 0; position < forced.length; position++) {
                rows.add(sequence, position);
                predictions.add(position, true);
            }
            decoder.trace(comparing("decoder."));
            decoder.step(forced, rows, predictions);
            compare("logits", logits(predictions, model.config().vocabSize()));
        }
    }

    private static float[] logits(Predictions predictions, int vocabulary) {
        float[] all = new float[predictions.count() * vocabulary];
        float[] one = new float[vocabulary];
        for (int i = 0; i < predictions.count(); i++) {
            predictions.logits(i, one);
            System.arraycopy(one, 0, all, i * vocabulary, vocabulary);
        }
        return all;
    }

    private record Sequence(int[] pageTable, List<KvBlock> encoderBlocks) implements SequenceKv {}

    private Trace comparing(String prefix) {
        return new Trace() {
            @Override
            public void embedded(Tensor states) {
                compareWhole(prefix + "embeds", states);
            }

            @Override
            public void layer(int layer, Tensor states) {
                compareWhole(prefix + "layer." + layer, states);
            }

            @Override
            public void normalised(Tensor states) {
                compareWhole(prefix + "out", states);
            }
        };
    }

    /** Only where the pass has all rows of the reference's tensor: documents go through the encoder one by one. */
    private void compareWhole(String name, Tensor states) {
        float[] values = floats(states);
        GoldenTensor expected = golden.tensors().get(name);
        if (expected != null && expected.floats().length == values.length) {
            compare(name, values);
        }
    }

    private void compare(String name, float... actual) {
        if (!golden.tensors().containsKey(name)) {
            return;
        }
        float[] expected = golden.tensor(name).floats();
        assertEquals(expected.length, actual.length, name);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
        }
        double error = difference / largest;
        assertTrue(error <= TOLERANCE, name + " is off by " + error + " of its largest value");
        if (name.equals("vision.out")) {
            double cosine = cosine(expected, actual);
            assertTrue(cosine >= 0.9999, name + " has cosine " + cosine);
        }
    }

    private static double cosine(float[] a, float[] b) {
        double dot = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int i = 0; i < a.length; i++) {
            dot += (double) a[i] * b[i];
            squaresOfA += (double) a[i] * a[i];
            squaresOfB += (double) b[i] * b[i];
        }
        return dot / Math.sqrt(squaresOfA * squaresOfB);
    }

    private float[] floats(Tensor tensor) {
        float[] values = new float[tensor.rows() * tensor.columns()];
        ops.read(tensor, 0, values, 0, tensor.rows());
        return values;
    }
}
