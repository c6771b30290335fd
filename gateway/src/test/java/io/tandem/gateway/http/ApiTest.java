package io.tandem.gateway.http;

import io.quarkus.test.common.http.TestHTTPResource;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.fake.FakeCluster;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.routing.Instance;
import io.tandem.gateway.routing.Routers;
import jakarta.inject.Inject;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What every test over HTTP needs: fresh fakes before, and nothing left behind after. */
abstract class ApiTest {

    static final String CHAT = "/v1/chat/completions";
    static final String COMPLETIONS = "/v1/completions";

    @Inject
    FakeCluster cluster;

    @Inject
    ServiceWatch watch;

    @Inject
    AdmissionController admission;

    @Inject
    Routers routers;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void begin() {
        cluster.reset();
        Eventually.check(
                "every service serves",
                () -> watch.isReady() && routers.decoders().instances().stream().allMatch(Instance::isAvailable));
    }

    @AfterEach
    void nothingIsLeft() {
        Eventually.check("no request runs or waits", () -> admission.running() == 0 && admission.waiting() == 0);
        Eventually.check("nobody is leased", () -> routers.all().stream()
                .allMatch(router -> router.instances().stream().allMatch(one -> one.inFlight() == 0)));
    }
}
