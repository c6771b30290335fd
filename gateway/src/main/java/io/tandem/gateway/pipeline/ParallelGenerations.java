package io.tandem.gateway.pipeline;

import io.tandem.contract.decoder.v1.GenerateRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Runs the prompts of one request, and the answers to each, side by side: all succeed, or the first failure ends the others.
 * Thread-safe.
 */
public final class ParallelGenerations implements Generations {

    private final GenerationPipeline pipeline;
    private final Executor threads;

    /**
     * @param pipeline reads and writes
     * @param threads gives every task a thread at once
     */
    public ParallelGenerations(GenerationPipeline pipeline, Executor threads) {
        this.pipeline = pipeline;
        this.threads = threads;
    }

    @Override
    public List<Outcome> run(
            List<GenerationRequest> requests, List<? extends GenerationSink> sinks, RequestScope scope) {
        Run run = new Run(scope);
        List<Supplier<List<Outcome>>> prompts = new ArrayList<>(requests.size());
        int taken = 0;
        for (GenerationRequest request : requests) {
            int end = taken + request.answers();
            List<? extends GenerationSink> ofPrompt = sinks.subList(taken, end);
            prompts.add(() -> run.answers(request, ofPrompt));
            taken = end;
        }
        return run.sideBySide(prompts).stream().flatMap(List::stream).toList();
    }

    /** One request; used by all of its threads. */
    private final class Run {
        private final RequestScope scope;
        /** What went wrong first: failures after it are only its consequences. */
        private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

        private Run(RequestScope scope) {
            this.scope = scope;
        }

        private List<Outcome> answers(GenerationRequest request, List<? extends GenerationSink> sinks) {
            ReadPrompt prompt = pipeline.read(request, scope);
            sinks.getFirst().read(TokenCounts.of(prompt.segments(), 0));
            List<Supplier<List<Outcome>>> writings =
                    new ArrayList<>(request.writings().size());
            int taken = 0;
            for (GenerateRequest writing : request.writings()) {
                int first = taken;
                int end = taken + GenerationRequest.answers(writing);
                writings.add(() -> {
                    List<? extends GenerationSink> own = sinks.subList(first, end);
                    List<Outcome> outcomes = pipeline.write(request, writing, prompt, own, scope);
                    return ended(outcomes, own, first == 0);
                });
                taken = end;
            }
            return sideBySide(writings).stream().flatMap(List::stream).toList();
        }

        /** @param accountable whether the first one accounts for the prompt's reading */
        private static List<Outcome> ended(
                List<Outcome> outcomes, List<? extends GenerationSink> sinks, boolean accountable) {
            List<Outcome> counted = new ArrayList<>(outcomes.size());
            for (int i = 0; i < outcomes.size(); i++) {
                sinks.get(i).end(outcomes.get(i));
                counted.add(
                        i == 0 && accountable
                                ? outcomes.get(i)
                                : outcomes.get(i).withoutPrompt());
            }
            return counted;
        }

        private <T> List<T> sideBySide(List<Supplier<T>> tasks) {
            if (tasks.size() == 1) {
                return List.of(tasks.getFirst().get());
            }
            List<CompletableFuture<T>> running = tasks.stream()
                    .map(task -> CompletableFuture.supplyAsync(() -> orEndAll(task), threads))
                    .toList();
            try {
                CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new))
                        .join();
            } catch (CompletionException failed) {
                RuntimeException first = failure.get();
                throw first == null ? failed : first;
            }
            return running.stream().map(CompletableFuture::join).toList();
        }

        private <T> T orEndAll(Supplier<T> task) {
            try {
                return task.get();
            } catch (RuntimeException failed) {
                failure.compareAndSet(null, failed);
                scope.cancel();
                throw failed;
            }
        }
    }
}
