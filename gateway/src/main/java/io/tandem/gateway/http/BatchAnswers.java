package io.tandem.gateway.http;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.batches.Batch;
import io.tandem.gateway.batches.BatchId;
import io.tandem.gateway.batches.Batches;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.Purpose;
import io.tandem.gateway.files.StoredFile;
import io.tandem.gateway.openai.BatchFormat;
import io.tandem.gateway.openai.BatchReader;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/** Answers requests to /v1/batches. Thread-safe. */
@Singleton
final class BatchAnswers {

    /** Value of the label {@code route} in the metrics. */
    static final String LABEL = "batches";

    /** Of a request that makes a batch. */
    private static final long BODY_BYTES = 64 << 10;

    private final Batches batches;
    private final FileStore files;
    private final DiskRequests requests;
    private final BodyLimit bodyLimit;

    BatchAnswers(GatewayConfig config, Batches batches, FileStore files, DiskRequests requests) {
        this.batches = batches;
        this.files = files;
        this.requests = requests;
        this.bodyLimit = new BodyLimit(BODY_BYTES, "", config.body().timeout());
    }

    /** Makes a batch. */
    void create(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        exchange.pause();
        requests.serve(exchange, LABEL, () -> {
            RequestHead.requireJson(routing.request());
            requests.requireOpen();
            Batch.Order order = BatchReader.order(body(exchange), exchange.tenant());
            Batch batch = batches.create(order, input(order));
            exchange.answer(BatchFormat.one(shown(batch)));
        });
    }

    /** Lists the owner's batches. */
    void list(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        // Here, where Vert.x answers for a query that is malformed.
        Map<String, String> query = new TreeMap<>();
        routing.queryParams().forEach(parameter -> query.put(parameter.getKey(), parameter.getValue()));
        requests.serve(exchange, LABEL, () -> {
            BatchReader.Page page = BatchReader.page(query);
            List<Batch> found = batches.list(exchange.tenant(), page.after())
                    .limit(page.limit() + 1L)
                    .toList();
            exchange.answer(BatchFormat.list(
                    found.stream().limit(page.limit()).map(this::shown).toList(), found.size() > page.limit()));
        });
    }

    /** Shows one batch. */
    void one(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        requests.serve(exchange, LABEL, () -> exchange.answer(BatchFormat.one(shown(find(routing, exchange)))));
    }

    /** Asks for the end of a batch. */
    void cancel(RoutingContext routing) {
        Exchange exchange = new Exchange(routing);
        requests.serve(exchange, LABEL, () -> {
            Batch batch = find(routing, exchange);
            batches.cancel(batch);
            exchange.answer(BatchFormat.one(shown(batch)));
        });
    }

    private byte[] body(Exchange exchange) {
        try {
            return exchange.body(bodyLimit).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof TandemException known ? known : failed;
        }
    }

    private StoredFile input(Batch.Order order) {
        StoredFile file = FileId.parse(order.inputFileId())
                .flatMap(id -> files.find(order.owner(), id))
                .orElseThrow(() -> new TandemException(
                        ErrorCode.NOT_FOUND, "input_file_id", "input_file_id names a file that does not exist here."));
        if (file.purpose() != Purpose.BATCH) {
            throw new TandemException(
                    ErrorCode.INVALID_REQUEST,
                    "input_file_id",
                    "input_file_id names a file with the purpose %s, must be batch."
                            .formatted(file.purpose().label()));
        }
        return file;
    }

    private BatchFormat.Shown shown(Batch batch) {
        return new BatchFormat.Shown(batch, batches.state(batch));
    }

    private Batch find(RoutingContext routing, Exchange exchange) {
        return BatchId.parse(routing.pathParam("batch_id"))
                .flatMap(id -> batches.find(exchange.tenant(), id))
                .orElseThrow(
                        () -> new TandemException(ErrorCode.NOT_FOUND, "batch_id", "There is no such batch here."));
    }
}
