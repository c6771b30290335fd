package io.tandem.gateway.keys;

import io.tandem.gateway.config.GatewayConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The keys that are good now: those of the settings and those of a file, which is read again and again. One for the process;
 * thread-safe.
 */
public final class KeySource implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(KeySource.class);

    private final KeyRing fixed;
    private final Optional<Path> file;
    private final boolean open;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tandem-gateway-keys").daemon().factory());

    private volatile KeyRing ring;
    /** What the file held, or why it could not be read, when it was last looked at; the timer's thread only. */
    private String seen;

    /** @throws IllegalArgumentException if an entry is malformed or the file can't be read */
    public KeySource(GatewayConfig.Keys settings) {
        this.fixed = fixed(settings.entries().orElse(List.of()));
        this.file = settings.file();
        this.open = file.isEmpty() && fixed.size() == 0;
        this.ring = fixed;
        if (file.isPresent()) {
            try {
                seen = read(file.get());
            } catch (IOException unreadable) {
                throw new IllegalArgumentException("tandem.gateway.keys.file can't be read: " + unreadable, unreadable);
            }
            ring = fixed.plus(KeyRing.parse(seen, file.get().toString()));
        }
    }

    /** Begins to look at the file. */
    public void start(Duration interval) {
        if (file.isPresent()) {
            long nanos = interval.toNanos();
            Future<?> unused =
                    timer.scheduleWithFixedDelay(() -> reload(file.get()), nanos, nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** True when no keys are configured: everybody may use the API. A file without entries opens it for nobody. */
    public boolean isOpen() {
        return open;
    }

    /** Whose key this is; empty when it is not good. */
    public Optional<String> owner(String key) {
        return ring.owner(key);
    }

    /** Takes what the file holds now, or goes on with what it held when it was last in order. */
    void reload(Path keys) {
        String before = seen;
        try {
            seen = read(keys);
            if (!seen.equals(before)) {
                ring = fixed.plus(KeyRing.parse(seen, keys.toString()));
                LOG.infof("%d API keys are good now", ring.size());
            }
        } catch (IOException | RuntimeException bad) {
            seen = seen.equals(before) ? bad.toString() : seen;
            if (!seen.equals(before)) {
                LOG.errorf("API keys stay as they were: %s", bad.getMessage());
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private static String read(Path keys) throws IOException {
        return Files.readString(keys, StandardCharsets.UTF_8);
    }

    private static KeyRing fixed(List<String> entries) {
        List<ApiKey> keys = new ArrayList<>();
        for (String entry : entries) {
            keys.add(ApiKey.parse(entry, "entry " + (keys.size() + 1) + " of tandem.gateway.keys.entries"));
        }
        return new KeyRing(keys);
    }
}
