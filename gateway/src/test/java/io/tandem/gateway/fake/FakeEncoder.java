package io.tandem.gateway.fake;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.CutDocumentReply;
import io.tandem.contract.encoder.v1.CutDocumentRequest;
import io.tandem.contract.encoder.v1.DescribeModelRequest;
import io.tandem.contract.encoder.v1.DetokenizeReply;
import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EmbedInput;
import io.tandem.contract.encoder.v1.EmbedReply;
import io.tandem.contract.encoder.v1.EmbedRequest;
import io.tandem.contract.encoder.v1.EmbeddedText;
import io.tandem.contract.encoder.v1.EncodeReply;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.ForgetReply;
import io.tandem.contract.encoder.v1.ForgetRequest;
import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.contract.encoder.v1.Segment;
import io.tandem.contract.encoder.v1.TokenizeReply;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import io.tandem.contract.encoder.v1.Window;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** A prompt has 100 tokens and 256 for each picture, a document has 50; what was encoded before is cached. */
public final class FakeEncoder extends EncoderServiceGrpc.EncoderServiceImplBase {

    /** Size of the vocabulary it claims. */
    public static final int VOCABULARY = 1000;
    /** Longest output it claims. */
    public static final int MAX_DECODER_TOKENS = 4096;

    private final Set<ByteString> cache = ConcurrentHashMap.newKeySet();
    private final List<EncodeRequest> requests = new CopyOnWriteArrayList<>();
    private final List<EmbedRequest> embedded = new CopyOnWriteArrayList<>();
    private final List<TokenizeRequest> tokenized = new CopyOnWriteArrayList<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private final Set<ByteString> forgotten = ConcurrentHashMap.newKeySet();
    private volatile Duration pace = Duration.ZERO;
    private final Queue<TandemException> failures = new ConcurrentLinkedQueue<>();
    private final FakeModel model;

    /** @param model that it serves */
    FakeEncoder(FakeModel model) {
        this.model = model;
    }

    /** All requests since the last reset. */
    public List<EncodeRequest> requests() {
        return requests;
    }

    /** All requests for vectors since the last reset. */
    public List<EmbedRequest> embedded() {
        return embedded;
    }

    /** All requests for tokens since the last reset. */
    public List<TokenizeRequest> tokenized() {
        return tokenized;
    }

    /** Documents that were cut since the last reset. */
    public int cuts() {
        return cuts.get();
    }

    /** Keys that were forgotten since the last reset. */
    public Set<ByteString> forgotten() {
        return forgotten;
    }

    /** Lets the next call fail. */
    public void failNext(TandemException failure) {
        failures.add(failure);
    }

    /** Takes so much time from now on for a prompt that is not cached. */
    public void take(Duration time) {
        pace = time;
    }

    void reset() {
        pace = Duration.ZERO;
        cache.clear();
        requests.clear();
        embedded.clear();
        tokenized.clear();
        cuts.set(0);
        forgotten.clear();
        failures.clear();
    }

    @Override
    public void encode(EncodeRequest request, StreamObserver<EncodeReply> response) {
        requests.add(request);
        TandemException failure = failures.poll();
        if (failure != null) {
            response.onError(GrpcErrors.toStatus(failure));
            return;
        }
        if (request.getImagesList().stream().anyMatch(image -> !image.getModel().equals(model.model()))) {
            response.onError(GrpcErrors.toStatus(
                    new TandemException(ErrorCode.MODEL_MISMATCH, null, "these are another model's soft tokens")));
            return;
        }
        EncodeReply.Builder reply =
                EncodeReply.newBuilder().addPromptTokenIds(2).addPromptTokenIds(7);
        for (Document document : request.getDocumentsList()) {
            // The salt keeps tenants apart, as content keys do.
            reply.addSegments(segment(request.getTenantBytes().concat(document.toByteString()), 50, 0));
        }
        int imageTokens = 256 * request.getImagesCount();
        ByteString prompt = request.toBuilder().clearDocuments().build().toByteString();
        if (request.getPromptCase() != EncodeRequest.PromptCase.PROMPT_NOT_SET) {
            reply.addSegments(segment(prompt, 100 + imageTokens, imageTokens));
        }
        if (!reply.getSegmentsList().stream().allMatch(Segment::getCached)) {
            LockSupport.parkNanos(pace.toNanos());
        }
        response.onNext(reply.setModel(model.model()).build());
        response.onCompleted();
    }

    /** A text has 10 tokens, token ids as many as they are; a vector tells the number of tokens and the place in the list. */
    @Override
    public void embed(EmbedRequest request, StreamObserver<EmbedReply> response) {
        embedded.add(request);
        TandemException failure = failures.poll();
        if (failure != null) {
            response.onError(GrpcErrors.toStatus(failure));
            return;
        }
        EmbedReply.Builder reply = EmbedReply.newBuilder();
        for (EmbedInput input : request.getInputsList()) {
            int tokens = input.hasText() ? 10 : input.getTokenIds().getIdsCount();
            ByteString key = FakeVision.sha256(request.getTenantBytes()
                    .concat(input.toBuilder().clearField().build().toByteString()));
            reply.addEmbeddings(EmbeddedText.newBuilder()
                    .addValues(tokens)
                    .addValues(0.5f - reply.getEmbeddingsCount())
                    .setTokens(tokens)
                    .setCached(!cache.add(key)));
        }
        response.onNext(reply.build());
        response.onCompleted();
    }

    /** Every character of a text is a token, its own code point. */
    @Override
    public void tokenize(TokenizeRequest request, StreamObserver<TokenizeReply> response) {
        tokenized.add(request);
        String text = request.hasConversation()
                ? request.getConversation().getMessages(0).getText()
                : request.getText();
        TokenizeReply.Builder reply = TokenizeReply.newBuilder()
                .addAllTokenIds(text.codePoints().boxed().toList());
        if (request.getReturnTokenStrings()) {
            text.codePoints().mapToObj(Character::toString).forEach(reply::addTokenStrings);
        }
        response.onNext(reply.build());
        response.onCompleted();
    }

    @Override
    public void detokenize(DetokenizeRequest request, StreamObserver<DetokenizeReply> response) {
        String text =
                request.getTokenIdsList().stream().map(Character::toString).collect(Collectors.joining());
        response.onNext(DetokenizeReply.newBuilder().setText(text).build());
        response.onCompleted();
    }

    /** A window for each line; texts have to be ASCII. */
    @Override
    public void cutDocument(CutDocumentRequest request, StreamObserver<CutDocumentReply> response) {
        cuts.incrementAndGet();
        CutDocumentReply.Builder reply = CutDocumentReply.newBuilder().setDocumentCut("fake");
        int start = 0;
        for (String line : request.getText().split("(?<=\n)")) {
            reply.addWindows(Window.newBuilder()
                    .setStart(start)
                    .setEnd(start + line.length())
                    .setTokens(50));
            start += line.length();
        }
        response.onNext(reply.build());
        response.onCompleted();
    }

    @Override
    public void forget(ForgetRequest request, StreamObserver<ForgetReply> response) {
        request.getKeysList().forEach(cache::remove);
        forgotten.addAll(request.getKeysList());
        response.onNext(ForgetReply.getDefaultInstance());
        response.onCompleted();
    }

    @Override
    public void describeModel(DescribeModelRequest request, StreamObserver<ModelDescription> response) {
        response.onNext(ModelDescription.newBuilder()
                .setFingerprint(model.model().equals(FakeModel.MODEL) ? "fake" : model.model())
                .setBackend("none")
                .setMaxEncoderTokens(8192)
                .setMaxDecoderTokens(MAX_DECODER_TOKENS)
                .setImages(true)
                .setTokensPerImage(256)
                .setVocabularySize(VOCABULARY)
                .setDocumentCut("fake")
                .setModel(model.model())
                .build());
        response.onCompleted();
    }

    private Segment segment(ByteString content, int tokens, int imageTokens) {
        ByteString key = FakeVision.sha256(content);
        return Segment.newBuilder()
                .setKey(key)
                .setTokens(tokens)
                .setImageTokens(imageTokens)
                .setCached(!cache.add(key))
                .build();
    }
}
