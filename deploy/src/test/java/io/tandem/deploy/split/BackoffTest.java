package io.tandem.deploy.split;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration SHORT = Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Backoff backoff = new Backoff();

    @Test
    void oneThatWorkedIsStartedAtOnce() {
        assertEquals(Duration.ZERO, backoff.after(LONG));
        assertEquals(Duration.ZERO, backoff.after(LONG));
    }

    @Test
    void oneThatDoesNotLastWaitsLongerAndLonger() {
        assertEquals(Duration.ZERO, backoff.after(SHORT));
        assertEquals(Duration.ofMillis(500), backoff.after(SHORT));
        assertEquals(Duration.ofSeconds(1), backoff.after(SHORT));
        for (int i = 0; i < 10; i++) {
            backoff.after(SHORT);
        }
        assertEquals(Duration.ofSeconds(15), backoff.after(SHORT), "and no longer");
        assertEquals(Duration.ZERO, backoff.after(LONG), "until it has worked again");
    }
}
