package io.tandem.gateway.http;

import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.keys.Quotas;
import io.tandem.gateway.pipeline.RequestScopes;
import jakarta.inject.Singleton;

/** What a request has to get past, and what begins then. Immutable; all parts are thread-safe. */
@Singleton
record Entrance(Quotas quotas, AdmissionController admission, RequestScopes scopes) {}
