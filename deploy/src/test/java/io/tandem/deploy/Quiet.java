package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;

/** What must be true of an app that nobody asks anything: no request has left anything behind. */
final class Quiet {

    /** Gauges that are zero then. */
    static final List<String> IN_USE = List.of(
            "tandem_gateway_in_flight",
            "tandem_gateway_queue_depth",
            "tandem_gateway_decoder_in_flight",
            "tandem_decoder_slots_used",
            "tandem_decoder_queue_depth",
            "tandem_decoder_encoder_memory_leases",
            "tandem_decoder_integrity_findings");

    private Quiet() {}

    /** Waits until nothing is in use any more; fails, naming what is. */
    static void isRestored(Api api) {
        String page = api.metrics();
        for (String gauge : IN_USE) {
            assertTrue(page.contains(gauge), gauge + " is not among the metrics");
            Eventually.holds(Duration.ofSeconds(30), gauge + " back at zero", () -> api.metric(gauge) == 0);
        }
        assertEquals(api.metric("tandem_decoder_pages"), api.metric("tandem_decoder_pages_free"), "pages");
    }
}
