package io.tandem.gateway;

import io.quarkus.runtime.StartupEvent;
import io.tandem.gateway.admission.AdmissionController;
import io.tandem.gateway.batches.BatchLimits;
import io.tandem.gateway.batches.BatchStore;
import io.tandem.gateway.batches.Batches;
import io.tandem.gateway.batches.BrokeredQueue;
import io.tandem.gateway.batches.LineAnswers;
import io.tandem.gateway.batches.LineWorker;
import io.tandem.gateway.config.BatchesConfig;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.messaging.BrokerConfig;
import io.tandem.messaging.Courier;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Puts together what works on batches. */
@Singleton
final class BatchBeans {

    private final BatchesConfig config;
    private final BrokerConfig broker;

    /** @throws IllegalArgumentException naming the setting that cannot be worked with */
    BatchBeans(BatchesConfig config, BrokerConfig broker) {
        requirePositive("max-lines", config.maxLines());
        requirePositive("max-line-size", config.maxLineSize().asLongValue());
        requirePositive("max-open", config.maxOpen());
        requirePositive("parallel", config.parallel());
        requirePositive("parallel-beside-requests", config.parallelBesideRequests());
        requirePositive("sweep", config.sweep().toMillis());
        this.config = config;
        this.broker = broker;
    }

    void start(
            @Observes StartupEvent event,
            Batches batches,
            BrokeredQueue queue,
            LineWorker worker,
            AdmissionController admission,
            Courier courier,
            GatewayMetrics metrics) {
        metrics.gauge("batches.underway", "Batches that this gateway leads", batches::underway);
        metrics.gauge("batch.lines.in.flight", "Lines of batches that are answered or wait for it", worker::inFlight);
        metrics.gauge("batch.places", "Places in admission that lines of batches have", admission::runningInBackground);
        metrics.gauge("batch.lines.waiting", "Lines of batches with the broker or a worker", queue::waiting);
        metrics.gauge(
                "broker.outage",
                "1 while documents and batches wait for the broker to come back",
                () -> courier.isOutage() ? 1 : 0);
        if (broker.url().isPresent()) {
            queue.receive();
        }
        batches.start(config.sweep());
    }

    @Produces
    @Singleton
    BatchStore store() {
        return new BatchStore(config.path(), Clock.systemUTC());
    }

    void close(@Disposes BatchStore store) {
        store.close();
    }

    @Produces
    @Singleton
    LineWorker worker(BatchStore store, LineAnswers answers) {
        return new LineWorker(store, answers);
    }

    @Produces
    @Singleton
    BrokeredQueue queue(Courier courier, LineWorker worker) {
        return new BrokeredQueue(courier, worker, config.parallel());
    }

    void close(@Disposes BrokeredQueue queue) {
        queue.close();
    }

    @Produces
    @Singleton
    Batches batches(BatchStore store, FileStore files, LineWorker worker, LineAnswers answers, BrokeredQueue queue) {
        int maxLineBytes = Math.toIntExact(config.maxLineSize().asLongValue());
        return new Batches(
                new Batches.Parts(store, files, worker, answers, queue),
                new BatchLimits(config.maxLines(), maxLineBytes, config.maxOpen()));
    }

    void close(@Disposes Batches batches) {
        batches.close();
    }

    private static void requirePositive(String setting, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    "tandem.gateway.batches.%s is %d, must be more than 0".formatted(setting, value));
        }
    }
}
