package io.tandem.gateway.pipeline;

import io.tandem.contract.TandemException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/** Runs the generations of one request side by side: all succeed, or the first failure ends the others. Thread-safe. */
public final class ParallelGenerations {

    private final GenerationPipeline pipeline;
    private final Executor threads;

    /**
     * @param pipeline runs one
     * @param threads gives every task a thread at once
     */
    public ParallelGenerations(GenerationPipeline pipeline, Executor threads) {
        this.pipeline = pipeline;
        this.threads = threads;
    }

    /**
     * Runs all and returns when none is running any more.
     *
     * @param sinks one for each request
     * @return in the order of the requests
     * @throws TandemException the first failure
     */
    public List<Outcome> run(
            List<GenerationRequest> requests, List<? extends GenerationSink> sinks, RequestScope scope) {
        if (requests.size() == 1) {
            return List.of(pipeline.generate(requests.getFirst(), sinks.getFirst(), scope));
        }
        AtomicReference<RuntimeException> first = new AtomicReference<>();
        List<CompletableFuture<Outcome>> running = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            GenerationRequest request = requests.get(i);
            GenerationSink sink = sinks.get(i);
            running.add(CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return pipeline.generate(request, sink, scope);
                        } catch (RuntimeException failure) {
                            first.compareAndSet(null, failure);
                            scope.cancel();
                            throw failure;
                        }
                    },
                    threads));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new));
        try {
            all.join();
        } catch (CompletionException failed) {
            RuntimeException failure = first.get();
            throw failure == null ? failed : failure;
        }
        return running.stream().map(CompletableFuture::join).toList();
    }
}
