package io.tandem.gateway.pipeline;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;

/** How often one prompt is read again. Used by the request's thread. */
final class Rereading {

    /** One for an update; more where processes are replaced by ones of another model at the same addresses. */
    private static final int MODEL_CHANGES = 3;

    private final int pieces;

    private int losses;
    private int changes;

    /** @param pieces of a prompt, each of which may be lost once: a damaged one is only found when its turn comes */
    Rereading(int pieces) {
        this.pieces = Math.max(1, pieces);
    }

    /** Whether it helps against a failure, and was not tried often enough; counts it. */
    boolean mayHelp(TandemException failure) {
        if (failure instanceof ModelChangedException) {
            changes++;
            return changes <= MODEL_CHANGES;
        }
        if (failure.code() != ErrorCode.STATE_LOST) {
            return false;
        }
        losses++;
        return losses <= pieces;
    }
}
