package io.tandem.decoder;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tandem.contract.GrpcErrors;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.DecoderServiceGrpc.DecoderServiceStub;
import io.tandem.contract.decoder.v1.Finished;
import io.tandem.contract.decoder.v1.Finished.Reason;
import io.tandem.contract.decoder.v1.GenerateEvent;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Started;
import io.tandem.contract.decoder.v1.TokenLogprob;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client's view of one call: asks for one event at a time, so that it can be as slow as a test needs. */
public final class Answer implements ClientResponseObserver<GenerateRequest, GenerateEvent> {

    private static final int PATIENCE_SECONDS = 30;

    private final LinkedBlockingQueue<GenerateEvent> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokens = new ArrayList<>();
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    private final List<List<Integer>> answers = new ArrayList<>();
    private final List<Reason> reasons = new ArrayList<>();
    private Started started;
    private Finished finished;
    private ClientCallStreamObserver<GenerateRequest> call;

    private Answer() {}

    static Answer begin(DecoderServiceStub stub, GenerateRequest request) {
        Answer answer = new Answer();
        stub.generate(request, answer);
        return answer;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> stream) {
        call = stream;
        stream.disableAutoRequestWithInitial(0);
    }

    @Override
    public void onNext(GenerateEvent event) {
        events.add(event);
    }

    @Override
    public void onError(Throwable failure) {
        end.completeExceptionally(GrpcErrors.fromStatus(failure));
    }

    @Override
    public void onCompleted() {
        end.complete(null);
    }

    /** Asks for an event and waits for it. */
    public GenerateEvent next() throws InterruptedException {
        call.request(1);
        GenerateEvent event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new IllegalStateException("no event came");
        }
        take(event);
        return event;
    }

    /** Reads to the end, which must be a good one. */
    public Answer toEnd() throws InterruptedException, TimeoutException {
        call.request(Integer.MAX_VALUE);
        try {
            end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the call failed", e.getCause());
        }
        events.forEach(this::take);
        return this;
    }

    /** Reads to the end, which must be an error. */
    public TandemException toError() throws InterruptedException, TimeoutException {
        call.request(Integer.MAX_VALUE);
        try {
            end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return (TandemException) e.getCause();
        }
        throw new IllegalStateException("the call did not fail");
    }

    public void cancel() {
        call.cancel("cancelled by the test", null);
    }

    public String text() {
        return text.toString();
    }

    public List<Integer> tokens() {
        return tokens;
    }

    public List<TokenLogprob> logprobs() {
        return logprobs;
    }

    /** Tokens of the answers of a search. */
    public List<List<Integer>> answers() {
        return answers;
    }

    /** How these answers ended. */
    public List<Reason> reasons() {
        return reasons;
    }

    public Started started() {
        return started;
    }

    public Finished finished() {
        return finished;
    }

    private List<Integer> answer(int number) {
        if (number == answers.size()) {
            answers.add(new ArrayList<>());
        }
        return answers.get(number);
    }

    private void take(GenerateEvent event) {
        switch (event.getEventCase()) {
            case STARTED -> started = event.getStarted();
            case DELTA -> {
                text.append(event.getDelta().getText());
                tokens.addAll(event.getDelta().getTokenIdsList());
                answer(event.getAnswer()).addAll(event.getDelta().getTokenIdsList());
                logprobs.addAll(event.getDelta().getLogprobsList());
            }
            case FINISHED -> {
                finished = event.getFinished();
                answer(event.getAnswer());
                reasons.add(finished.getReason());
            }
            case EVENT_NOT_SET -> throw new IllegalStateException("an empty event");
        }
    }
}
