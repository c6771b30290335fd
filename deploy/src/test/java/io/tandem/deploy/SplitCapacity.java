package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.tandem.bench.capacity.Request;
import io.tandem.bench.capacity.Result;
import io.tandem.bench.capacity.Scenario;
import io.tandem.bench.capacity.ScenarioFile;
import io.tandem.bench.capacity.Segment;
import io.tandem.bench.capacity.Simulation;
import io.tandem.bench.capacity.Trace;
import io.tandem.contract.encoder.v1.Conversation;
import io.tandem.contract.encoder.v1.Document;
import io.tandem.contract.encoder.v1.EncodeRequest;
import io.tandem.contract.encoder.v1.EncoderServiceGrpc;
import io.tandem.contract.encoder.v1.Message;
import io.tandem.routing.Scores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A run of questions in split mode, as the capacity model sees it: times from the decoders' own metrics, content keys from the
 * encoder-service, addresses from the supervisor.
 */
final class SplitCapacity {

    private static final String SEGMENTS = "tandem_decoder_residency_segments_total";
    private static final String TOKENS = "tandem_decoder_residency_tokens_total";

    private final SplitProcess split;
    private final long encoderMemory;
    private final int places;

    /**
     * @param encoderMemory bytes of each decoder
     * @param places of its batch
     */
    SplitCapacity(SplitProcess split, long encoderMemory, int places) {
        this.split = split;
        this.encoderMemory = encoderMemory;
        this.places = places;
    }

    /** Documents and questions that decoders were asked for. */
    double segments() {
        return decoders(SEGMENTS);
    }

    /** Share of them that was in the decoder. */
    double residentSegments() {
        return resident(SEGMENTS);
    }

    /** The same of their encoder tokens, most of which are those of documents. */
    double residentTokens() {
        return resident(TOKENS);
    }

    private double resident(String counter) {
        return split.metric("decoder", counter, "found=\"resident\"") / decoders(counter);
    }

    /** Seconds for a place in the batch. */
    double meanWait() {
        return decoders("tandem_decoder_queue_wait_seconds_sum") / decoders("tandem_decoder_queue_wait_seconds_count");
    }

    /** Lets the same questions happen in a simulation of the same installation. */
    Result simulate(SheetQuestions questions, List<SheetQuestions.Answered> answers) {
        List<Integer> lengths =
                answers.stream().map(answer -> answer.tokens().size()).toList();
        return Simulation.run(
                scenario(
                        mean(answers, SheetQuestions.Answered::elsewhere),
                        mean(answers, SheetQuestions.Answered::decoding),
                        lengths),
                trace(questions.questions(), lengths, questions.clients()));
    }

    private static double mean(
            List<SheetQuestions.Answered> answers, ToDoubleFunction<SheetQuestions.Answered> seconds) {
        return answers.stream().mapToDouble(seconds).average().orElseThrow();
    }

    /**
     * The installation, as it was measured.
     *
     * @param elsewhere seconds of a request outside of decoders
     * @param decoding seconds from a place in the batch to an answer's end
     * @param lengths of the answers
     */
    private Scenario scenario(double elsewhere, double decoding, List<Integer> lengths) {
        double fetchedTokens = split.metric("decoder", TOKENS, "found=\"absent\"");
        long bytesPerToken = Math.round(decoders("tandem_decoder_residency_loaded_bytes_total") / fetchedTokens);
        double tokens = lengths.stream().mapToInt(Integer::intValue).sum();
        List<SplitProcess.Member> members = split.members("decoder");
        Map<String, String> fields = new HashMap<>();
        fields.put("decoders.count", String.valueOf(members.size()));
        fields.put(
                "decoders.names",
                Api.JSON
                        .valueToTree(members.stream()
                                .map(SplitProcess.Member::address)
                                .toList())
                        .toString());
        // What an answer took, by its steps: beside other processes on few cores, that is more than the steps alone.
        double steps = decoders("tandem_decoder_batch_size_sum");
        fields.put("decoders.tokensPerStep", String.valueOf(tokens / steps));
        Scenario.Step step = new Scenario.Step(1, 1e3 * decoding * lengths.size() / steps);
        fields.put("decoders.steps", Api.JSON.valueToTree(List.of(step)).toString());
        fields.put("decoders.places", String.valueOf(places));
        fields.put("decoders.memoryBytes", String.valueOf(encoderMemory));
        fields.put("decoders.bytesPerToken", String.valueOf(bytesPerToken));
        fields.put("decoders.loadMillis", String.valueOf(1e3 * meanLoad()));
        fields.put("decoders.loadMillisPerToken", "0");
        // As measured, steps and loads have waited for each other.
        fields.put("decoders.sliceMillis", "0");
        // What encoding took is in the time elsewhere already.
        fields.put("encoders.tokensPerSecond", "1e9");
        fields.put("encoders.millis", String.valueOf(1e3 * elsewhere));
        fields.put("workload.warmUp", "0");
        return ScenarioFile.read(Optional.empty(), fields);
    }

    /** The questions in their order, under the content keys that they have. */
    private Trace trace(List<SheetQuestions.Question> questions, List<Integer> lengths, int clients) {
        Map<Integer, Segment> documents = new HashMap<>();
        Map<Integer, Segment> kinds = new HashMap<>();
        List<Request> requests = new ArrayList<>();
        ManagedChannel channel = ManagedChannelBuilder.forTarget(
                        split.first("encoder").address())
                .usePlaintext()
                .build();
        try {
            EncoderServiceGrpc.EncoderServiceBlockingStub encoder = EncoderServiceGrpc.newBlockingStub(channel);
            for (int i = 0; i < questions.size(); i++) {
                SheetQuestions.Question question = questions.get(i);
                if (!documents.containsKey(question.document()) || !kinds.containsKey(question.kind())) {
                    List<io.tandem.contract.encoder.v1.Segment> found =
                            encoder.encode(request(question)).getSegmentsList();
                    assertEquals(2, found.size());
                    documents.putIfAbsent(question.document(), segment(2 * question.document(), found.get(0)));
                    kinds.putIfAbsent(question.kind(), segment(2 * question.kind() + 1, found.get(1)));
                }
                requests.add(
                        new Request(0, documents.get(question.document()), kinds.get(question.kind()), lengths.get(i)));
            }
        } finally {
            channel.shutdownNow();
        }
        return new Trace(requests, clients);
    }

    private static Segment segment(int id, io.tandem.contract.encoder.v1.Segment found) {
        assertTrue(found.getCached(), "read before, under the same key");
        return new Segment(id, Scores.hash(found.getKey().toByteArray()), found.getTokens());
    }

    private static EncodeRequest request(SheetQuestions.Question question) {
        return EncodeRequest.newBuilder()
                .setConversation(Conversation.newBuilder()
                        .addMessages(Message.newBuilder().setRole("user").setText(question.text())))
                .addDocuments(Document.newBuilder().setText(question.documentText()))
                .build();
    }

    private double meanLoad() {
        return decoders("tandem_decoder_residency_load_seconds_sum")
                / decoders("tandem_decoder_residency_load_seconds_count");
    }

    private double decoders(String name) {
        return split.metric("decoder", name);
    }
}
