package io.tandem.cache;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of the state cache. */
@ConfigMapping(prefix = "tandem.cache")
public interface CacheConfig {
    /** Where states are kept. */
    enum Mode {
        /** Inside this process: for roles that run together. */
        LOCAL,
        /** On an Infinispan server or a cluster of them, over Hot Rod. */
        SERVER,
        /** In the memory of all services' processes, which form a cluster. */
        CLUSTER
    }

    /**
     * Where states are kept: {@code local}, inside this process; {@code server}, on an Infinispan server; or
     * {@code cluster}, in the memory of all processes with this setting, which find each other.
     */
    @WithDefault("local")
    Mode mode();

    /**
     * Memory for cached encoder states and image soft tokens, outside the Java heap, such as {@code 512M} or
     * {@code 4G}; {@code 1M} at least. When it is full, what was not used for longest makes room. One state may take
     * three quarters of it. While states are written, the bound can be passed for a moment by one chunk a writer. In
     * mode {@code server} it is what each server has: the bound of a state, and of the cache if it has to be created. In
     * mode {@code cluster} it is what each process gives.
     */
    @WithDefault("1G")
    ByteSize maxSize();

    /**
     * Size of the pieces into which a state is cut, rounded down to whole rows but never below one row; {@code 1K} to
     * {@code 16M}. Readers start work after the first piece, so smaller ones start sooner and larger ones move faster;
     * 256K to 1M suit both.
     */
    @WithDefault("512K")
    ByteSize chunkSize();

    /** Mode {@code server}: nodes of the cluster as {@code HOST:PORT}, separated by commas; one suffices to find the rest. */
    Optional<List<String>> servers();

    /** Mode {@code server}: user, where the server asks for one. */
    Optional<String> username();

    /** Mode {@code server}: the user's password. */
    Optional<String> password();

    /**
     * Mode {@code server}: the cache that holds the states. If the server has none of this name, one is created: distributed
     * with two owners, off-heap, bounded by {@code tandem.cache.max-size} on each server.
     */
    @WithDefault("tandem-states")
    String name();

    /**
     * How long one operation on the server, or on other processes of the cluster, may take. A request then fails and may be tried again; nobody waits longer, and
     * while the server can't be reached, nobody waits at all.
     */
    @WithDefault("PT5S")
    Duration timeout();

    /** How often the server is tried again while it can't be reached. */
    @WithDefault("PT1S")
    Duration retryAfter();

    /** Bytes of one state that are on their way to or from other processes at once; one chunk at least. */
    @WithDefault("4M")
    ByteSize inFlight();

    /**
     * Modes {@code server} and {@code cluster}: memory of this process, outside the Java heap, for chunks that it has used,
     * such as {@code 256M}; {@code 1M} at least, or 0 for none. What is there is not fetched again.
     */
    @WithDefault("0")
    ByteSize nearSize();

    /** A folder in which states survive a restart, behind any mode. */
    Disk disk();

    /** Mode {@code cluster}: how processes find each other. */
    Cluster cluster();

    /** States on disk. */
    interface Disk {
        /** The folder; none unless it is set. Processes on one machine may share it. */
        Optional<Path> path();

        /** Bytes of all files in it; {@code 1M} at least. What was not used for longest makes room. */
        @WithDefault("10G")
        ByteSize maxSize();
    }

    /** A cluster of the services' own processes. */
    interface Cluster {
        /** Address of this process that the others connect to. */
        @WithDefault("127.0.0.1")
        String bindAddress();

        /** Port for the others, 1 to 65435; the one 100 above is used too, to notice at once when a process dies. */
        @WithDefault("7800")
        int port();

        /** Processes of the cluster as {@code HOST:PORT}, separated by commas; one that runs suffices. */
        Optional<List<String>> initialHosts();

        /**
         * Instead of {@code initial-hosts}, a name whose addresses are those of all processes, such as that of a headless
         * service of Kubernetes; all have the same port then.
         */
        Optional<String> dns();

        /** Processes that hold a copy of each entry: one fewer of them may die at once without a state being lost. */
        @WithDefault("2")
        int owners();
    }
}
