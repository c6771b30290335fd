package io.tandem.gateway.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdmissionControllerTest {

    private final AtomicLong clock = new AtomicLong();
    private final AdmissionController admission = new AdmissionController(2, 2, new BackgroundShare(2, 1), clock::get);

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
    void severalAnswersTakeSeveralPlaces() {
        AdmissionController.Ticket wide = admission.enter();
        assertTrue(wide.widen(2).isDone(), "both are free");
        assertEquals(2, admission.running());
        AdmissionController.Ticket next = admission.enter();
        assertFalse(next.granted().isDone());
        wide.close();
        assertTrue(next.granted().isDone());
        assertEquals(1, admission.running());
        assertTrue(next.widen(100).isDone(), "more than there are count as all");
        assertEquals(2, admission.running());
    }

    @Test
    void whoWaitsForMorePlacesHoldsNoneAndIsAheadOfTheQueue() {
        AdmissionController.Ticket one = admission.enter();
        AdmissionController.Ticket other = admission.enter();
        AdmissionController.Ticket queued = admission.enter();
        CompletableFuture<Void> wideOne = one.widen(2);
        CompletableFuture<Void> wideOther = other.widen(2);
        assertTrue(wideOne.isDone(), "the other one has given its place up");
        assertFalse(wideOther.isDone());
        assertEquals(2, admission.running());
        assertEquals(2, admission.waiting());
        clock.set(Duration.ofSeconds(5).toNanos());
        one.close();
        assertTrue(wideOther.isDone() && !queued.granted().isDone());
        assertEquals(Duration.ofSeconds(5), other.waited());
        other.close();
        assertTrue(queued.granted().isDone());
        assertEquals(Duration.ofSeconds(5), queued.waited());
    }

    @Test
    void newcomersDoNotPassWhoWaitsForMorePlaces() {
        AdmissionController.Ticket one = admission.enter();
        AdmissionController.Ticket other = admission.enter();
        CompletableFuture<Void> wide = other.widen(2);
        AdmissionController.Ticket newcomer = admission.enter();
        assertFalse(wide.isDone() || newcomer.granted().isDone(), "one place is free, but it is kept");
        other.close();
        assertTrue(newcomer.granted().isDone(), "the one that was waited for has left");
        one.close();
        newcomer.close();
        assertEquals(0, admission.running());
        assertEquals(0, admission.waiting());
    }

    @Test
    void retryAfterCountsPlaces() {
        for (int i = 0; i < 100; i++) {
            AdmissionController.Ticket ticket = admission.enter();
            ticket.widen(2);
            clock.addAndGet(Duration.ofSeconds(10).toNanos());
            ticket.close();
        }
        assertEquals(10, admission.retryAfterSeconds(), "10 s of both places, nobody ahead");
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

    @Test
    void backgroundWorkYieldsToEverybody() {
        AdmissionController.Ticket work = admission.enterBackground();
        AdmissionController.Ticket more = admission.enterBackground();
        AdmissionController.Ticket late = admission.enterBackground();
        assertTrue(work.granted().isDone() && more.granted().isDone(), "nobody else wants the places");
        AdmissionController.Ticket request = admission.enter();
        assertFalse(request.granted().isDone() || late.granted().isDone());
        work.close();
        assertTrue(request.granted().isDone());
        assertFalse(late.granted().isDone());
        more.close();
        assertTrue(late.granted().isDone(), "one place beside a request");
        AdmissionController.Ticket another = admission.enterBackground();
        request.close();
        assertTrue(another.granted().isDone(), "alone again");
        late.close();
        another.close();
        assertEquals(0, admission.running());
        assertEquals(0, admission.runningInBackground());
    }

    @Test
    void backgroundWorkWidensBehindRequests() {
        AdmissionController.Ticket work = admission.enterBackground();
        AdmissionController.Ticket request = admission.enter();
        CompletableFuture<Void> wide = work.widen(2);
        assertFalse(wide.isDone());
        AdmissionController.Ticket second = admission.enter();
        request.close();
        assertFalse(wide.isDone(), "two places are not free");
        second.close();
        assertTrue(wide.isDone());
        work.close();
        assertEquals(0, admission.running());
    }

    @Test
    void backgroundWorkThatWaitsIsSentAwayAtShutdown() throws InterruptedException {
        AdmissionController.Ticket request = admission.enter();
        AdmissionController.Ticket second = admission.enter();
        AdmissionController.Ticket work = admission.enterBackground();
        assertFalse(admission.drain(Duration.ofMillis(1)));
        assertTrue(work.granted().isCompletedExceptionally());
        assertEquals(
                ErrorCode.DRAINING,
                assertThrows(TandemException.class, admission::enterBackground).code());
        request.close();
        second.close();
        work.close();
        assertTrue(admission.drain(Duration.ofMillis(1)));
    }
}
