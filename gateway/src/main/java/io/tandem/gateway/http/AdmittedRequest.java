package io.tandem.gateway.http;

import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.keys.Quota;
import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.pipeline.RequestScope;

/**
 * A request that may run, with its body.
 *
 * @param exchange where its answer goes
 * @param scope its life
 * @param model that is served
 * @param body not to be changed
 * @param ticket its places
 * @param lease counts its tokens
 */
record AdmittedRequest(
        Exchange exchange,
        RequestScope scope,
        ServedModel model,
        byte[] body,
        AdmissionController.Ticket ticket,
        Quota.Lease lease) {

    /** Answers a request; runs on a thread of the request's own, which it may block. */
    @FunctionalInterface
    interface Work {

        /** @throws io.tandem.contract.TandemException the failure, for the client */
        void answer(AdmittedRequest request);
    }

    /** Waits for all the places that it turned out to need. */
    void widen(int places) {
        scope.await(ticket.widen(places));
    }
}
