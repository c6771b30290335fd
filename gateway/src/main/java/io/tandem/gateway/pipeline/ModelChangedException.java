package io.tandem.gateway.pipeline;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;

/** What was read for a request is of no use to the model that requests are answered with by now: it has to be read again. */
final class ModelChangedException extends TandemException {

    private static final long serialVersionUID = 1L;

    ModelChangedException(String message, Throwable cause) {
        super(ErrorCode.MODEL_MISMATCH, null, message, cause);
    }
}
