package io.tandem.gateway.routing;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.tandem.routing.LoadBound;
import io.tandem.routing.Rendezvous;
import io.tandem.routing.Scores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The instances of one role and the choice among them: requests about the same content go to the same one, which has it in memory
 * or at work already, unless it is loaded far above the mean ({@link Rendezvous}). One for each role of the process; thread-safe.
 */
public final class Router {

    private final Role role;
    private final LoadBound bound;
    private volatile List<Instance> instances = List.of();
    /** Null until one is chosen: instances aren't told apart by their models until then. */
    private volatile String model;

    private volatile long lastServing = System.nanoTime();

    /** @param bound when content goes elsewhere */
    public Router(Role role, LoadBound bound) {
        this.role = role;
        this.bound = bound;
    }

    /** What all instances do. */
    public Role role() {
        return role;
    }

    /** All instances that are known, in the order of their addresses. */
    public List<Instance> instances() {
        return instances;
    }

    /**
     * Takes note of who belongs to the role from now on; those that stay keep what is known of them.
     *
     * @param addresses of all instances
     * @param connect gives the channel to one
     * @return whether anything has changed
     */
    synchronized boolean update(Collection<String> addresses, Function<String, ManagedChannel> connect) {
        Map<String, Instance> known = instances.stream().collect(Collectors.toMap(Instance::id, one -> one));
        if (known.keySet().equals(Set.copyOf(addresses))) {
            return false;
        }
        // Those of the beginning are tried before their first check; one that joins later may still be starting.
        boolean trusted = instances.isEmpty();
        List<Instance> updated = new ArrayList<>();
        for (String address : Set.copyOf(addresses).stream().sorted().toList()) {
            Instance present = known.get(address);
            updated.add(present != null ? present : new Instance(address, connect.apply(address), trusted));
        }
        instances = List.copyOf(updated);
        return true;
    }

    /**
     * Takes note of an instance's last health check.
     *
     * @param served the model that it serves; empty if it doesn't serve
     */
    public void note(Instance instance, Optional<String> served) {
        instance.set(served.orElse(null));
        if (isUsable(instance)) {
            lastServing = System.nanoTime();
        }
    }

    /** Instances of other models get no requests from now on, but for those who ask for theirs. */
    void follow(String chosenModel) {
        model = chosenModel;
    }

    /** The model whose instances get requests; empty until one is chosen. */
    public Optional<String> model() {
        return Optional.ofNullable(model);
    }

    /** Whether an instance serves, and serves the model that requests are for. */
    public boolean isUsable(Instance instance) {
        return instance.isServing() && (model == null || instance.serves(model));
    }

    /** Instances that serve, and another model than requests are for. */
    public List<Instance> differing() {
        return instances.stream()
                .filter(instance -> instance.isServing() && instance.model().isPresent() && !isUsable(instance))
                .toList();
    }

    /** True when no instance has been usable for so long: nobody should wait for one to come back. */
    public boolean isDown(Duration patience) {
        return instances.stream().noneMatch(instance -> isCandidate(instance, model))
                && System.nanoTime() - lastServing > patience.toNanos();
    }

    private static boolean isCandidate(Instance instance, String wanted) {
        return instance.isAvailable() && (wanted == null || instance.serves(wanted));
    }

    /**
     * Chooses an instance of the model that requests are for; see {@link #lease(ByteString, Set, String)}.
     */
    public Optional<Lease> lease(ByteString key, Set<String> tried) {
        return lease(key, tried, model);
    }

    /**
     * Chooses an instance and counts the request as its own until the lease is closed.
     *
     * @param key names the content
     * @param tried ids of instances that must not be chosen
     * @param wanted model that the instance serves
     * @return empty when none is left
     */
    public synchronized Optional<Lease> lease(ByteString key, Set<String> tried, String wanted) {
        List<Instance> candidates = instances.stream()
                .filter(instance -> isCandidate(instance, wanted) && !tried.contains(instance.id()))
                .toList();
        return Rendezvous.choose(Scores.hash(key.toByteArray()), candidates, bound)
                .map(Lease::new);
    }

    /** A request's hold on an instance; closed by whoever took it, once. */
    public static final class Lease implements AutoCloseable {
        private final Instance instance;

        private Lease(Instance instance) {
            this.instance = instance;
            instance.begin();
        }

        /** The chosen one. */
        public Instance instance() {
            return instance;
        }

        @Override
        public void close() {
            instance.end();
        }
    }
}
