package io.tandem.encoder.prompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ReadingPoolTest {

    @Test
    void moreThanMayWaitAreRefusedWithBothNumbersAndTheSetting() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(3);
        try (ReadingPool pool = new ReadingPool(1, 2)) {
            Runnable reading = () -> {
                awaitOn(release);
                read.countDown();
            };
            pool.execute(reading);
            pool.execute(reading);
            pool.execute(reading);
            TandemException refusal = assertThrows(TandemException.class, () -> pool.execute(reading));
            assertEquals(ErrorCode.OVERLOADED, refusal.code());
            assertEquals(
                    "2 requests wait to be read, limit 2; try again later or raise tandem.encoder.max-queue",
                    refusal.getMessage());
            release.countDown();
            read.await();
        }
    }

    private static void awaitOn(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
