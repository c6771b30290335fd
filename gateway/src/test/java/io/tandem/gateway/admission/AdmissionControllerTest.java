package io.tandem.gateway.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmissionControllerTest {

    private final AtomicLong clock = new AtomicLong();
    private final AdmissionController admission = new AdmissionController(2, 2, clock::get);

    @Test
    void placesAreGivenInOrder() {
        AdmissionController.Ticket first = admission.enter();
        AdmissionController.Ticket second = admission.enter();
        AdmissionController.Ticket third = admission.enter();
        AdmissionController.Ticket fourth = admission.enter();
        assertTrue(first.granted().isDone() && second.granted().isDone());
        assertFalse(third.granted().isDone() || fourth.granted().isDone());
        assertEquals(
                ErrorCode.OVERLOADED,
                assertThrows(TandemException.class, admission::enter).code());
        clock.set(Duration.ofSeconds(3).toNanos());
        second.close();
        assertTrue(third.granted().isDone());
        assertEquals(Duration.ofSeconds(3), third.waited());
        assertFalse(fourth.granted().isDone());
        first.close();
        third.close();
        fourth.close();
        assertEquals(0, admission.running());
        assertEquals(0, admission.waiting());
    }

    @Test
    void whoLeavesTheQueueTakesNoPlace() {
        AdmissionController.Ticket first = admission.enter();
        admission.enter();
        AdmissionController.Ticket third = admission.enter();
        AdmissionController.Ticket fourth = admission.enter();
        third.close();
        first.close();
        assertFalse(third.granted().isDone());
        assertTrue(fourth.granted().isDone());
        assertEquals(2, admission.running());
    }

    @Test
    void ticketsCloseOnlyOnce() {
        AdmissionController.Ticket ticket = admission.enter();
        admission.enter();
        ticket.close();
        ticket.close();
        assertEquals(1, admission.running());
    }

    @Test
    void retryAfterFollowsTheMeasuredRate() {
        assertEquals(1, admission.retryAfterSeconds());
        for (int i = 0; i < 100; i++) {
            AdmissionController.Ticket ticket = admission.enter();
            clock.addAndGet(Duration.ofSeconds(10).toNanos());
            ticket.close();
        }
        assertEquals(5, admission.retryAfterSeconds(), "10 s for each of two at a time, nobody ahead");
        admission.enter();
        admission.enter();
        admission.enter();
        admission.enter();
        assertEquals(15, admission.retryAfterSeconds(), "two are ahead");
    }

    @Test
    void drainingWaitsForThoseInside() throws InterruptedException {
        AdmissionController.Ticket ticket = admission.enter();
        assertFalse(admission.drain(Duration.ZERO));
        assertTrue(admission.isDraining());
        assertEquals(
                ErrorCode.DRAINING,
                assertThrows(TandemException.class, admission::enter).code());
        Thread leaving = Thread.ofVirtual().start(ticket::close);
        assertTrue(admission.drain(Duration.ofSeconds(10)));
        leaving.join();
    }
}
