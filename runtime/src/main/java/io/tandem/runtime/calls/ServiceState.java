package io.tandem.runtime.calls;

import grpc.health.v1.HealthOuterClass.HealthCheckResponse.ServingStatus;
import io.quarkus.grpc.runtime.health.GrpcHealthStorage;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How far a service has got between start and end, and the calls it has in progress. Thread-safe. */
public final class ServiceState {

    private final String grpcName;
    private final GrpcHealthStorage health;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private Phase phase = Phase.STARTING;
    private int active;

    /**
     * A service that has not warmed up yet.
     *
     * @param grpcName name of the gRPC service, for the standard health service
     */
    public ServiceState(String grpcName, GrpcHealthStorage health) {
        this.grpcName = grpcName;
        this.health = health;
    }

    /** Says to the health service that no calls are taken yet; needed once the server has declared all services healthy. */
    public void starting() {
        publish(ServingStatus.NOT_SERVING);
    }

    /** The service is warm and takes calls, unless it is already told to drain. */
    public void ready() {
        advance(Phase.READY, ServingStatus.SERVING);
    }

    /**
     * Takes no more calls and waits for those in progress.
     *
     * @return calls still in progress at the end
     */
    public int drain(Duration longest) {
        advance(Phase.DRAINING, ServingStatus.NOT_SERVING);
        lock.lock();
        try {
            long left = longest.toNanos();
            while (active > 0 && left > 0) {
                left = idle.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return active();
    }

    /** Whether calls are taken. */
    public boolean isReady() {
        return phase() == Phase.READY;
    }

    /** How far the service has got. */
    public Phase phase() {
        lock.lock();
        try {
            return phase;
        } finally {
            lock.unlock();
        }
    }

    /** Calls in progress. */
    public int active() {
        lock.lock();
        try {
            return active;
        } finally {
            lock.unlock();
        }
    }

    /** A call begins; {@link #leave} must follow unless this throws. */
    void enter() {
        lock.lock();
        try {
            switch (phase) {
                case STARTING -> throw new TandemException(ErrorCode.UNAVAILABLE, null, "the service is starting");
                case DRAINING -> throw new TandemException(ErrorCode.DRAINING, null, "the service is shutting down");
                case READY -> active++;
            }
        } finally {
            lock.unlock();
        }
    }

    /** A call has ended. */
    void leave() {
        lock.lock();
        try {
            active--;
            if (active == 0) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Goes on to a later phase, never back: a warm-up may end after the drain has begun, on another thread. */
    private void advance(Phase next, ServingStatus status) {
        synchronized (health) {
            lock.lock();
            try {
                if (next.compareTo(phase) < 0) {
                    return;
                }
                phase = next;
            } finally {
                lock.unlock();
            }
            publish(status);
        }
    }

    /** Sets this service's health, and that of the whole process to whether all its services are healthy. */
    private void publish(ServingStatus status) {
        synchronized (health) {
            health.setStatus(grpcName, status);
            boolean allServe = health.getStatuses().entrySet().stream()
                    .filter(service -> !service.getKey().equals(GrpcHealthStorage.DEFAULT_SERVICE_NAME))
                    .allMatch(service -> service.getValue() == ServingStatus.SERVING);
            health.setStatus(
                    GrpcHealthStorage.DEFAULT_SERVICE_NAME,
                    allServe ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
        }
    }

    /** The stages of a service's life, in their order. */
    public enum Phase {
        /** Loads and warms up. */
        STARTING,
        /** Takes calls. */
        READY,
        /** Ends the calls in progress. */
        DRAINING
    }
}
