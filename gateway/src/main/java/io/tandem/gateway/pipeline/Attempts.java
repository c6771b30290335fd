package io.tandem.gateway.pipeline;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.Router;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Takes a step of a request to an instance of a role and, where that one is away or leaves, to the next. When none is left it waits a
 * moment for one to come back, unless the role has been down for longer than that. Thread-safe; blocks its callers.
 */
public final class Attempts {

    /** Between two looks at a role without instances. */
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Duration patience;
    private final Consumer<ErrorCode> triedAgain;

    /**
     * @param patience longest wait for a role that is away
     * @param triedAgain hears why, each time something is tried again; called by any thread
     */
    public Attempts(Duration patience, Consumer<ErrorCode> triedAgain) {
        this.patience = patience;
        this.triedAgain = triedAgain;
    }

    /**
     * A step that may be tried on several instances.
     *
     * @param <T> what comes of it
     */
    interface Step<T> {

        /** @throws TandemException its failure */
        T run(Instance instance);

        /** Who made what it uses, and can use it; empty if any model will do, which is that of all requests then. */
        default Optional<String> model() {
            return Optional.empty();
        }

        /** Makes ready for another try; false once a client has seen something of this one, whose failure is final then. */
        default boolean restart() {
            return true;
        }
    }

    /**
     * Runs a step, as often as it takes.
     *
     * @param content names what it is about
     * @throws ModelChangedException when what the step uses has become useless
     * @throws TandemException UNAVAILABLE when the role stays away, MODEL_MISMATCH when all of it serves other models, or the step's failure
     */
    <T> T run(Router router, ByteString content, RequestScope scope, Step<T> step) {
        long start = System.nanoTime();
        Set<String> tried = new HashSet<>();
        TandemException last = null;
        while (true) {
            Optional<String> wanted = step.model().or(router::model);
            Optional<Router.Lease> lease = router.lease(content, tried, wanted.orElse(null));
            if (lease.isEmpty()) {
                requireCurrent(router, step);
                if (router.isDown(patience) || System.nanoTime() - start > patience.toNanos()) {
                    throw last == null ? nobody(router) : last;
                }
                scope.pause(PAUSE);
                tried.clear();
                continue;
            }
            try (Router.Lease held = lease.get()) {
                return step.run(held.instance());
            } catch (TandemException failure) {
                if (failure.code() == ErrorCode.MODEL_MISMATCH) {
                    refused(lease.get().instance(), step, failure);
                }
                if (failure.code().grpcStatus() != Status.Code.UNAVAILABLE || !step.restart()) {
                    throw failure;
                }
                tried.add(lease.get().instance().id());
                last = failure;
                triedAgain.accept(failure.code());
            }
        }
    }

    /** Takes note that something is tried again that an instance did and that got lost. */
    void lost(TandemException failure) {
        triedAgain.accept(failure.code());
    }

    /** A step for the model of all requests uses what another role made for it, one for a model of its own has got to the wrong instance. */
    private static void refused(Instance instance, Step<?> step, TandemException failure) {
        if (step.model().isEmpty()) {
            throw new ModelChangedException(failure.getMessage(), failure);
        }
        instance.doubt();
    }

    private static void requireCurrent(Router router, Step<?> step) {
        Optional<String> current = router.model();
        if (step.model().isPresent() && current.isPresent() && !current.equals(step.model())) {
            throw new ModelChangedException(
                    "Nobody of the %s role serves model %s any more; requests are answered with %s."
                            .formatted(router.role().label(), step.model().get(), current.get()),
                    null);
        }
    }

    private static TandemException nobody(Router router) {
        int differing = router.differing().size();
        return new TandemException(
                differing > 0 ? ErrorCode.MODEL_MISMATCH : ErrorCode.UNAVAILABLE,
                null,
                "None of the %d instances of the %s role serves the model of the encoders, %d serve another one; see %s."
                        .formatted(
                                router.instances().size(),
                                router.role().label(),
                                differing,
                                router.role().setting()));
    }
}
