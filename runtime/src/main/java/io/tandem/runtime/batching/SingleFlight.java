package io.tandem.runtime.batching;

import io.tandem.telemetry.RequestContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Does equal work once for all who ask for it at the same time, and stops waiting for it when none of them is left.
 * Thread-safe.
 *
 * @param <K> names the work; equal keys, equal results
 * @param <V> its result
 */
public final class SingleFlight<K, V> {

    private final Executor executor;
    private final Map<K, Shared> flights = new HashMap<>();

    /** @param executor runs the work */
    public SingleFlight(Executor executor) {
        this.executor = executor;
    }

    /**
     * Takes part in the flight of that key, or begins it.
     *
     * @param work done by the executor if the flight is a new one
     * @return to be closed by the caller, whether or not the flight has landed
     */
    public Ticket<V> join(K key, Function<Flight, V> work) {
        Shared flight;
        boolean first;
        synchronized (flights) {
            flight = flights.get(key);
            first = flight == null;
            if (first) {
                flight = new Shared(key);
                flights.put(key, flight);
            }
            flight.passengers++;
        }
        if (first) {
            begin(flight, work);
        }
        return new Passenger(flight, first);
    }

    private void begin(Shared flight, Function<Flight, V> work) {
        try {
            executor.execute(RequestContext.carry(() -> fly(flight, work)));
        } catch (RuntimeException e) {
            land(flight);
            flight.result.completeExceptionally(e);
        }
    }

    private void fly(Shared flight, Function<Flight, V> work) {
        try {
            flight.requireWanted();
            V value = work.apply(flight);
            land(flight);
            flight.result.complete(value);
        } catch (RuntimeException | Error e) {
            land(flight);
            flight.result.completeExceptionally(e);
        }
    }

    /** Whoever asks from now on begins a flight of their own. */
    private void land(Shared flight) {
        synchronized (flights) {
            flights.remove(flight.key, flight);
        }
    }

    private void leave(Shared flight) {
        CompletableFuture<?> abandoned;
        synchronized (flights) {
            flight.passengers--;
            if (flight.passengers > 0) {
                return;
            }
            flights.remove(flight.key, flight);
            flight.abandoned = true;
            abandoned = flight.step;
        }
        if (abandoned != null) {
            abandoned.cancel(false);
        }
    }

    /**
     * One caller's part in a flight.
     *
     * @param <V> the result
     */
    public interface Ticket<V> extends AutoCloseable {

        /** True for the caller whose work it was; the others came along. */
        boolean first();

        /** What the work comes to; not to be completed or cancelled. */
        CompletableFuture<V> result();

        /** Stops taking part; the last one to go before the landing ends the flight's waiting. Once only. */
        @Override
        void close();
    }

    private final class Passenger implements Ticket<V> {
        private final Shared flight;
        private final boolean first;

        private Passenger(Shared flight, boolean first) {
            this.flight = flight;
            this.first = first;
        }

        @Override
        public boolean first() {
            return first;
        }

        @Override
        public CompletableFuture<V> result() {
            return flight.result;
        }

        @Override
        public void close() {
            leave(flight);
        }
    }

    /** A flight with its passengers; what changes is guarded by {@code flights}. */
    private final class Shared implements Flight {
        private final K key;
        private final CompletableFuture<V> result = new CompletableFuture<>();
        private int passengers;
        private boolean abandoned;
        private CompletableFuture<?> step;

        private Shared(K key) {
            this.key = key;
        }

        @Override
        public <R> R await(CompletableFuture<R> next) {
            boolean unwanted;
            synchronized (flights) {
                step = next;
                unwanted = abandoned;
            }
            if (unwanted) {
                next.cancel(false);
            }
            return next.join();
        }

        @Override
        public void requireWanted() {
            synchronized (flights) {
                if (abandoned) {
                    throw new CancellationException("nobody waits for it any more");
                }
            }
        }
    }
}
