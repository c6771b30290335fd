package io.tandem.runtime;

import io.tandem.cache.StateLostException;
import io.tandem.cache.StateTooLargeException;
import io.tandem.cache.StoreUnavailableException;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.engine.InvalidInputException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jboss.logging.Logger;

/** Turns what the engine and the cache throw into the errors of the wire. */
public final class EngineErrors {

    private static final Logger LOG = Logger.getLogger(EngineErrors.class);

    private EngineErrors() {}

    /** The error of the table that a failure is; an internal one is logged, and told without details if nobody expected it. */
    public static TandemException of(Throwable failure) {
        return switch (failure) {
            case TandemException known -> {
                if (known.code() == ErrorCode.INTERNAL) {
                    LOG.error("A call failed", known);
                }
                yield known;
            }
            case InvalidInputException invalid ->
                new TandemException(ErrorCode.INVALID_REQUEST, invalid.field(), invalid.getMessage(), invalid);
            case StateLostException lost -> new TandemException(ErrorCode.STATE_LOST, null, lost.getMessage(), lost);
            case StateTooLargeException large ->
                new TandemException(ErrorCode.CONTEXT_LENGTH_EXCEEDED, null, large.getMessage(), large);
            case StoreUnavailableException unreachable ->
                new TandemException(ErrorCode.UNAVAILABLE, null, unreachable.getMessage(), unreachable);
            case CancellationException cancelled ->
                new TandemException(ErrorCode.CANCELLED, null, "the call was cancelled", cancelled);
            case CompletionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
            case ExecutionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
            default -> {
                LOG.error("A call failed", failure);
                yield new TandemException(ErrorCode.INTERNAL, null, "the service failed", failure);
            }
        };
    }
}
