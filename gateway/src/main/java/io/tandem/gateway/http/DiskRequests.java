package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.keys.Quota;
import io.tandem.telemetry.RequestContext;
import jakarta.inject.Singleton;

/** Serves requests that wait for the disk only: under their owner's quota, each on a thread of its own. Thread-safe. */
@Singleton
final class DiskRequests {

    private final Entrance entrance;
    private final Answers answers;

    DiskRequests(Entrance entrance, Answers answers) {
        this.entrance = entrance;
        this.answers = answers;
    }

    /** Work that may block. */
    interface Work {
        /** @throws TandemException the failure, for the client */
        void run();
    }

    /** @throws TandemException DRAINING at shutdown */
    void requireOpen() {
        if (entrance.admission().isDraining()) {
            throw new TandemException(ErrorCode.DRAINING, null, "The server is shutting down; send it to another.");
        }
    }

    /**
     * Serves one request, whose answer the work sends.
     *
     * @param label value of the label {@code route} in the metrics
     */
    void serve(Exchange exchange, String label, Work work) {
        Runnable serving = () -> {
            Quota quota = entrance.quotas().of(exchange.tenant());
            TandemException failure;
            try (Quota.Lease lease = quota.enter()) {
                quota.state().ifPresent(state -> RateLimitHeaders.set(exchange, state));
                work.run();
                answers.answered(exchange, label);
                return;
            } catch (TandemException known) {
                failure = known;
            } catch (RuntimeException | Error bug) {
                failure = new TandemException(ErrorCode.INTERNAL, null, "An unexpected failure.", bug);
            }
            answers.fail(
                    exchange,
                    label,
                    failure,
                    failure.code() == ErrorCode.RATE_LIMIT_EXCEEDED
                            ? quota.retryAfterSeconds()
                            : Refusal.RETRY_AFTER_SECONDS);
        };
        answers.onOwnThread(RequestContext.carry(RequestContext.with(exchange.requestId()), serving));
    }
}
