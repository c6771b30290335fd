package io.tandem.gateway.batches;

import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.FileStatus;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.Incoming;
import io.tandem.gateway.files.Purpose;
import io.tandem.gateway.files.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Makes files of the answers of a batch: one of those that went well, one of those that did not. Thread-safe. */
final class OutputFiles {

    private static final byte[] LINE_END = {'\n'};

    private final BatchStore store;
    private final FileStore files;
    private final LineAnswers answers;

    OutputFiles(BatchStore store, FileStore files, LineAnswers answers) {
        this.store = store;
        this.files = files;
        this.answers = answers;
    }

    /** Ids for the two files, to be written down before they are made, so that a crash in between makes none twice. */
    BatchState.Output reserve() {
        return new BatchState.Output(files.reserve(), files.reserve());
    }

    /**
     * Makes the files, unless they are there.
     *
     * @param expired whether lines without an answer are errors
     * @return how many lines went where
     */
    BatchState.Counts make(Batch batch, BatchState state, boolean expired) throws IOException {
        BatchState.Output output = state.output().orElseThrow();
        LineResults results = store.results(batch);
        int completed = 0;
        int failed = 0;
        try (Writing good = new Writing(batch, output.answers(), "output");
                Writing bad = new Writing(batch, output.errors(), "error");
                InputLines lines = new InputLines(store.input(batch), Integer.MAX_VALUE)) {
            for (int i = 0; i < state.counts().total() && lines.next(); i++) {
                Optional<LineResult> result = results.find(i);
                if (result.isEmpty() && expired) {
                    result = Optional.of(answers.givenUp(
                            lines.bytes(),
                            "batch_expired",
                            "This request could not be executed before the completion window expired."));
                }
                if (result.isPresent()) {
                    completed += result.get().succeeded() ? 1 : 0;
                    failed += result.get().succeeded() ? 0 : 1;
                    (result.get().succeeded() ? good : bad).append(result.get().json());
                }
            }
            good.commit();
            bad.commit();
        }
        return new BatchState.Counts(state.counts().total(), completed, failed);
    }

    /** One file while it is written. */
    private final class Writing implements AutoCloseable {
        private final Batch batch;
        private final FileId id;
        private final String kind;
        private Incoming incoming;

        private Writing(Batch batch, FileId id, String kind) {
            this.batch = batch;
            this.id = id;
            this.kind = kind;
        }

        private void append(byte[] line) {
            if (incoming == null) {
                incoming = files.beginOutput();
            }
            incoming.append(ByteBuffer.wrap(line));
            incoming.append(ByteBuffer.wrap(LINE_END));
        }

        private void commit() {
            if (incoming != null && files.find(batch.owner(), id).isEmpty()) {
                StoredFile file = incoming.commit(
                        id,
                        new Incoming.Description(
                                batch.owner(),
                                "%s_%s.jsonl".formatted(batch.id(), kind),
                                Purpose.BATCH_OUTPUT,
                                batch.order().outputLifetime()));
                files.setStatus(file, FileStatus.processed(FileStatus.Progress.NONE));
            }
        }

        @Override
        public void close() {
            if (incoming != null) {
                incoming.close();
            }
        }
    }
}
