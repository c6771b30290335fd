package io.tandem.gateway.documents;

import io.tandem.gateway.files.FileId;
import io.tandem.gateway.files.FileStatus;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.files.StoredFile;
import io.tandem.messaging.Courier;
import io.tandem.messaging.Letter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Has files encoded by whichever process has a free slot: {@value #FILES} carries their names, {@value #FILES}{@value Courier#DEAD} those
 * that were given up, and why. How far a file is stands on disk, and so does what a lost message was about. One for the process;
 * thread-safe.
 */
public final class EncodingQueue implements AutoCloseable {

    /** The queue of files that wait. */
    public static final String FILES = "encode-document";

    private static final Logger LOG = Logger.getLogger(EncodingQueue.class);

    /** Deliveries of a file, each of which ended with its process, before it is given up. */
    private static final int MAX_DELIVERIES = 3;

    private static final String DEADLY = "Nobody lived to read this file.";

    private static final String OWNER = "owner";
    private static final String FILE = "file";
    private static final String REASON = "reason";

    private final Courier courier;
    private final FileStore store;
    private final int slots;
    private final Set<FileId> working = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean receiving = new AtomicBoolean();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tandem-documents-", 0).factory());

    /** Works on a file until nothing is left to do, and says why it was given up if it was. */
    interface Work {
        void begin(StoredFile file, Ended ended);
    }

    /** Hears of the end of work, once, on any thread. */
    interface Ended {
        void with(Optional<String> reason);
    }

    /** @param slots files that this process works on at the same time */
    public EncodingQueue(Courier courier, FileStore store, int slots) {
        this.courier = courier;
        this.store = store;
        this.slots = slots;
    }

    /** Begins to take files, unless it did. */
    void receive(Work work, Runnable connected) {
        if (receiving.compareAndSet(false, true)) {
            courier.onConnect(() -> threads.execute(connected));
            courier.receive(FILES, slots, letter -> threads.execute(() -> take(letter, work)));
        }
    }

    void submit(StoredFile file) {
        if (!working.contains(file.id())) {
            courier.send(FILES, "", Map.of(OWNER, file.owner(), FILE, file.id().value()));
        }
    }

    private void take(Letter letter, Work work) {
        Map<String, String> properties = letter.properties();
        Optional<StoredFile> file = Optional.ofNullable(properties.get(FILE))
                .flatMap(FileId::parse)
                .flatMap(id -> store.find(properties.getOrDefault(OWNER, ""), id));
        // Deleted meanwhile, or encoded when the message came for the first time.
        if (file.isEmpty()
                || store.status(file.get()).state() != FileStatus.State.UPLOADED
                || !working.add(file.get().id())) {
            LOG.debugf("nothing is to be done for %s", properties.get(FILE));
            letter.accept();
            return;
        }
        Ended ended = reason -> {
            working.remove(file.get().id());
            reason.ifPresent(why -> bury(letter, why));
            letter.accept();
        };
        if (letter.failures() >= MAX_DELIVERIES) {
            store.setStatus(file.get(), FileStatus.error(DEADLY));
            ended.with(Optional.of(DEADLY));
        } else {
            work.begin(file.get(), ended);
        }
    }

    private void bury(Letter letter, String reason) {
        Map<String, String> properties = new HashMap<>(letter.properties());
        properties.put(REASON, reason);
        courier.send(FILES + Courier.DEAD, letter.text(), properties);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
