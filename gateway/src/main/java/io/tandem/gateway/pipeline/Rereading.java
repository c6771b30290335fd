package io.tandem.gateway.pipeline;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;

/** How often one prompt is read again. Used by the request's thread. */
final class Rereading {

    /** One for an update; more where processes are replaced by ones of another model at the same addresses. */
    private static final int MODEL_CHANGES = 3;

    private boolean lost;
    private int changes;

    /** Whether it helps against a failure, and was not tried often enough; counts it. */
    boolean mayHelp(TandemException failure) {
        if (failure instanceof ModelChangedException) {
            changes++;
            return changes <= MODEL_CHANGES;
        }
        boolean first = !lost;
        lost = true;
        return failure.code() == ErrorCode.STATE_LOST && first;
    }
}
