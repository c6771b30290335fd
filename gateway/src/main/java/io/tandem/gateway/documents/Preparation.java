package io.tandem.gateway.documents;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.encoder.v1.CutDocumentRequest;
import io.tandem.gateway.extraction.DocumentFormat;
import io.tandem.gateway.extraction.TextExtractor;
import io.tandem.gateway.extraction.UnreadableException;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.StoredFile;
import io.tandem.gateway.pipeline.EncoderClient;
import io.tandem.gateway.pipeline.RequestScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Makes of files what the encoder takes. Text and windows of a stored file are kept beside it, so that they are made once, however
 * many ask for them at the same time. Thread-safe; calls block.
 */
public final class Preparation {

    private static final String TEXT = "text";
    private static final String WINDOWS = "windows.json";
    private static final int LOCKS = 64;

    private final FileStore store;
    private final TextExtractor extractor;
    private final EncoderClient encoder;
    /** Whoever makes something of a file holds the lock that its id falls on. */
    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    /** @param extractor reads what is no plain text */
    public Preparation(FileStore store, TextExtractor extractor, EncoderClient encoder) {
        this.store = store;
        this.extractor = extractor;
        this.encoder = encoder;
    }

    /** Whether a stored file is a picture, by its content. */
    boolean isPicture(StoredFile file) {
        try {
            return TextExtractor.format(store.content(file)) == DocumentFormat.PICTURE;
        } catch (NoSuchFileException deletedMeanwhile) {
            return false;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * A stored file as the encoder takes it.
     *
     * @param cut names how documents are cut today
     * @throws TandemException NOT_FOUND if it has been deleted, or the encoder's failure
     * @throws UnreadableException if it can't be read
     */
    Prepared prepare(StoredFile file, String cut, RequestScope scope) throws UnreadableException {
        try {
            return isPicture(file)
                    ? new Prepared.Image(Files.readAllBytes(store.content(file)))
                    : document(file, cut, scope);
        } catch (NoSuchFileException deleted) {
            throw gone(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Prepared document(StoredFile file, String cut, RequestScope scope) throws IOException, UnreadableException {
        ReentrantLock lock = locks.get(Math.floorMod(file.id().hashCode(), LOCKS));
        lock.lock();
        try {
            Optional<byte[]> known = store.get(file, TEXT);
            byte[] text = known.isPresent() ? known.get() : extract(store.content(file));
            if (known.isEmpty()) {
                store.put(file, TEXT, text);
            }
            return document(text, windows(file, text, cut, scope));
        } finally {
            lock.unlock();
        }
    }

    /**
     * A file that came with a request.
     *
     * @throws UnreadableException if it can't be read
     */
    Prepared prepare(byte[] content, RequestScope scope) throws UnreadableException {
        if (DocumentFormat.of(content) == DocumentFormat.PICTURE) {
            return new Prepared.Image(content);
        }
        try {
            Path file = store.temporary();
            byte[] text;
            try {
                Files.write(file, content);
                text = extract(file);
            } finally {
                Files.deleteIfExists(file);
            }
            return document(text, cut(text, scope));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Prepared document(byte[] text, Windows windows) {
        return new Prepared.Text(windows.parts(text), windows.tokens());
    }

    private byte[] extract(Path file) throws IOException, UnreadableException {
        try {
            return extractor.text(file, store.temporary()).getBytes(StandardCharsets.UTF_8);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new TandemException(ErrorCode.CANCELLED, null, "Reading a document was given up.", stopped);
        }
    }

    private Windows windows(StoredFile file, byte[] text, String cut, RequestScope scope) throws IOException {
        Optional<byte[]> kept = store.get(file, WINDOWS);
        if (kept.isPresent()) {
            Windows windows = Windows.read(kept.get());
            if (windows.cut().equals(cut)) {
                return windows;
            }
        }
        Windows windows = cut(text, scope);
        store.put(file, WINDOWS, windows.json());
        return windows;
    }

    private Windows cut(byte[] text, RequestScope scope) {
        CutDocumentRequest request = CutDocumentRequest.newBuilder()
                .setText(new String(text, StandardCharsets.UTF_8))
                .setField("file")
                .build();
        return Windows.of(encoder.cut(request, scope));
    }

    private static TandemException gone(StoredFile file) {
        return new TandemException(ErrorCode.NOT_FOUND, null, "The file %s does not exist.".formatted(file.id()));
    }
}
