package io.tandem.gateway.batches;

import java.util.function.Consumer;

/** Has lines worked on, by this process or others. Thread-safe. */
public interface LineQueue {

    /**
     * Sees to it that a line is answered; returns at once.
     *
     * @param done hears once what became of it, on any thread
     */
    void submit(LineTask task, Consumer<LineOutcome> done);
}
