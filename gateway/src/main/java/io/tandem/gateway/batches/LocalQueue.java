package io.tandem.gateway.batches;

import io.tandem.contract.TandemException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Has lines worked on by this process, each on a thread of its own. Thread-safe; closed by its owner. */
public final class LocalQueue implements LineQueue, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(LocalQueue.class);

    /** Attempts before a line is given up. */
    private static final int MAX_ATTEMPTS = 3;

    private final LineWorker worker;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tandem-batch-line-", 0).factory());

    /** @param worker answers the lines */
    public LocalQueue(LineWorker worker) {
        this.worker = worker;
    }

    @Override
    public void submit(LineTask task, Consumer<LineOutcome> done) {
        threads.execute(() -> done.accept(work(task)));
    }

    private LineOutcome work(LineTask task) {
        for (int attempt = 1; ; attempt++) {
            try {
                return worker.work(task);
            } catch (TandemException failure) {
                LOG.warnf("line %d of %s failed: %s", task.number() + 1, task.batch(), failure.getMessage());
                if (attempt == MAX_ATTEMPTS) {
                    return worker.giveUp(task, failure.code().code(), failure.getMessage());
                }
            } catch (RuntimeException | Error bug) {
                // The disk, most likely: the batch is taken up again later.
                LOG.errorf(bug, "line %d of %s can't be worked on", task.number() + 1, task.batch());
                return LineOutcome.ABANDONED;
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
