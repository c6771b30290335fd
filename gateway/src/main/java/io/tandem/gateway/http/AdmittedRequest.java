package io.tandem.gateway.http;

import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.pipeline.RequestScope;
import java.time.Duration;

/**
 * A request that may run, with its body.
 *
 * @param exchange where its answer goes
 * @param scope its life
 * @param model that is served
 * @param body not to be changed
 * @param admission time that it waited
 */
record AdmittedRequest(Exchange exchange, RequestScope scope, ServedModel model, byte[] body, Duration admission) {

    /** Answers a request; runs on a thread of the request's own, which it may block. */
    @FunctionalInterface
    interface Work {

        /** @throws io.tandem.contract.TandemException the failure, for the client */
        void answer(AdmittedRequest request);
    }
}
