package io.tandem.gateway.routing;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Finds out again and again who belongs to each role, so that instances may join and leave at any time. One for the process; its own
 * thread asks, as names may take long to resolve.
 */
public final class Discovery implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Discovery.class);

    private final Channels channels;
    private final Map<Router, Addresses> followed;
    private final Runnable onChange;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tandem-gateway-discovery").daemon().factory());

    private Discovery(Channels channels, Map<Router, Addresses> followed, Runnable onChange) {
        this.channels = channels;
        this.followed = Map.copyOf(followed);
        this.onChange = onChange;
    }

    /**
     * Follows the settings of all roles; asks for the first time at once.
     *
     * @param entries of each role's setting
     * @param onChange called by any thread after instances have joined or left
     * @throws IllegalArgumentException naming an entry that is no address
     */
    public static Discovery of(Channels channels, Routers routers, Map<Role, List<String>> entries, Runnable onChange) {
        Map<Router, Addresses> followed = routers.all().stream()
                .collect(Collectors.toMap(
                        router -> router,
                        router ->
                                Addresses.of(router.role().setting(), entries.get(router.role()), NameLookup.SYSTEM)));
        Discovery discovery = new Discovery(channels, followed, onChange);
        discovery.refresh();
        return discovery;
    }

    /** Begins to ask again and again. */
    public void start(Duration interval) {
        Future<?> unused = timer.scheduleWithFixedDelay(
                this::refreshAndGoOn, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void refreshAndGoOn() {
        try {
            refresh();
        } catch (RuntimeException failure) {
            // Passed on, it would end the questions for good.
            LOG.error("Finding out who belongs to which role failed", failure);
        }
    }

    private void refresh() {
        boolean changed = false;
        Set<String> used = new HashSet<>();
        for (Map.Entry<Router, Addresses> entry : followed.entrySet()) {
            Set<String> addresses = entry.getValue().now();
            used.addAll(addresses);
            if (entry.getKey().update(addresses, channels::to)) {
                changed = true;
                LOG.infof("%s: %s", entry.getKey().role().label(), String.join(", ", addresses));
            }
        }
        if (changed) {
            channels.retain(used);
            onChange.run();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
