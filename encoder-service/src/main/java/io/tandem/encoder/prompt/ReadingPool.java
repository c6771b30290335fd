package io.tandem.encoder.prompt;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.telemetry.RequestContext;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Platform threads that read requests: templates and tokenizers compute without a pause, which virtual threads should not.
 * Thread-safe; owned by the service.
 */
public final class ReadingPool implements Executor, AutoCloseable {

    private final ThreadPoolExecutor pool;

    /**
     * @param threads that read
     * @param maxWaiting {@code tandem.encoder.max-queue}: requests that may wait; more are refused
     */
    public ReadingPool(int threads, int maxWaiting) {
        pool = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(maxWaiting),
                Thread.ofPlatform().daemon().name("encoder-reading-", 0).factory(),
                (task, full) -> {
                    throw new TandemException(
                            ErrorCode.OVERLOADED,
                            null,
                            String.format(
                                    Locale.ROOT,
                                    "%,d requests wait to be read, limit %,d; try again later or raise"
                                            + " tandem.encoder.max-queue",
                                    full.getQueue().size(),
                                    maxWaiting));
                });
    }

    /** @throws TandemException OVERLOADED if too many wait */
    @Override
    public void execute(Runnable task) {
        pool.execute(RequestContext.carry(task));
    }

    /** Takes nothing more and ends its threads once they have nothing left to read. */
    @Override
    public void close() {
        pool.shutdown();
    }
}
