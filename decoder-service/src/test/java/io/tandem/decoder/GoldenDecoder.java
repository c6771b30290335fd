package io.tandem.decoder;

import com.google.protobuf.ByteString;
import io.tandem.cache.ContentKey;
import io.tandem.cache.StateStore;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.encoder.v1.TokenIds;
import io.tandem.decoder.config.AbsorbFrom;
import io.tandem.decoder.model.DecoderModel;
import io.tandem.engine.checkpoint.Checkpoint;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.model.LoadProgress;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Backends;
import io.tandem.engine.runner.DecoderRunner;
import io.tandem.engine.runner.EncoderInput;
import io.tandem.engine.runner.EncoderRunner;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.ModelIdentity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;

/** A golden checkpoint behind the service, with a store for what its encoder reads. */
final class GoldenDecoder implements AutoCloseable {

    private static final ModelIdentity MODEL = new ModelIdentity("golden");

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final StateStore store;
    private final EncoderRunner encoder;
    private final DecoderServer server;

    /** @param pages of four tokens */
    GoldenDecoder(String folder, String backend, int pages) throws Exception {
        this(folder, backend, pages, AbsorbFrom.NEVER);
    }

    /** @param absorbFrom tokens from which on states are kept as they are */
    GoldenDecoder(String folder, String backend, int pages, AbsorbFrom absorbFrom) throws Exception {
        Checkpoint checkpoint = opening(Checkpoint.open(GoldenCases.folder(folder)));
        Engine engine = opening(Engine.load(
                checkpoint, Backends.open(backend, 1), EnumSet.of(Part.ENCODER, Part.DECODER), LoadProgress.SILENT));
        Tokenizer tokenizer = opening(Tokenizer.open(GoldenCases.folder(folder)));
        store = opening(GoldenAnswersTest.smallStore());
        encoder = opening(engine.newEncoderRunner());
        DecoderRunner runner = opening(engine.newDecoderRunner(pages, 4));
        server = opening(new DecoderServer(
                new TestConfig(1 << 20, 64, 8, 32, TestConfig.ROOMY.patience(), absorbFrom),
                new DecoderModel(runner, tokenizer, engine.config().stopTokens(), MODEL),
                store));
    }

    DecoderServer server() {
        return server;
    }

    /** A request for what a case reads and begins with, its states in the store. */
    GenerateRequest.Builder request(GoldenCase golden) {
        GenerateRequest.Builder request = GenerateRequest.newBuilder()
                .setModel(MODEL.value())
                .setReturnTokenIds(true)
                .setLimits(Limits.newBuilder()
                        .setMaxTokens(golden.generate("max_new_tokens").asInt()));
        if (golden.tensors().containsKey("decoder_input_ids")) {
            int[] forced = golden.tensor("decoder_input_ids").ints();
            request.setPrefixTokenIds(TokenIds.newBuilder()
                    .addAllIds(Arrays.stream(forced).skip(1).boxed().toList()));
        }
        List<EncoderInput> inputs = inputs(golden);
        List<float[]> states = encoder.encode(inputs); // each [tokens, hiddenSize]
        for (int i = 0; i < inputs.size(); i++) {
            int rows = inputs.get(i).tokens().length;
            byte[] name = (golden.name() + i).getBytes(StandardCharsets.UTF_8);
            byte[] key = Arrays.copyOf(name, ContentKey.LENGTH);
            GoldenAnswersTest.store(store, ContentKey.of(key), states.get(i), rows);
            request.addSegments(Segment.newBuilder()
                    .setKey(ByteString.copyFrom(key))
                    .setTokens(rows)
                    .addAllTokenIds(
                            Arrays.stream(inputs.get(i).tokens()).boxed().toList()));
        }
        return request;
    }

    /** The documents of a case where it has some, else its prompt. */
    private static List<EncoderInput> inputs(GoldenCase golden) {
        List<EncoderInput> documents = IntStream.range(0, 8)
                .mapToObj(i -> golden.tensors().get("document." + i))
                .takeWhile(document -> document != null)
                .map(document -> new EncoderInput(document.ints()))
                .toList();
        return documents.isEmpty()
                ? List.of(new EncoderInput(golden.tensor("input_ids").ints()))
                : documents;
    }

    private <T extends AutoCloseable> T opening(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }
}
