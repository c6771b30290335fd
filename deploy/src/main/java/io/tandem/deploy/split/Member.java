package io.tandem.deploy.split;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One process of a role, started again when it ends without being told to. Its own thread looks after it; every method is
 * thread-safe.
 */
final class Member {

    private static final Duration POLL = Duration.ofMillis(100);
    /** Starts in a row that come to nothing before it is given up, if it has never worked. */
    private static final int TRIES = 3;

    private final String name;
    private final Function<Ports, Launch> launches;
    private final Output output;
    private final Backoff backoff = new Backoff();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CompletableFuture<Void> firstReady = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private volatile Ports ports;
    private volatile Process process;

    /**
     * @param name for people
     * @param ports where it listens, also after it was started again
     * @param launches how it is started
     */
    Member(String name, Ports ports, Function<Ports, Launch> launches, Output output) {
        this.name = name;
        this.ports = ports;
        this.launches = launches;
        this.output = output;
    }

    /** Starts it and begins to look after it. */
    void start() {
        Thread.ofPlatform().daemon().name("split-" + name).start(this::lookAfter);
    }

    String name() {
        return name;
    }

    /** Where it listens. */
    Ports ports() {
        return ports;
    }

    /** Completes when it is ready for the first time, or fails when it does not get there. */
    CompletableFuture<Void> firstReady() {
        return firstReady;
    }

    /** Tells it to finish what it has begun and to end, for good. */
    CompletableFuture<Void> stop() {
        stopping.countDown();
        Process current = process;
        if (current != null) {
            end(current);
        }
        return ended;
    }

    /** Ends it at once. */
    void kill() {
        stopping.countDown();
        Process current = process;
        if (current != null) {
            current.destroyForcibly();
        }
    }

    /** SIGTERM; {@link Process#destroy} would close its output, too, which has still something to say. */
    private static void end(Process running) {
        // False when it has ended meanwhile, which is as well.
        boolean unused = running.toHandle().destroy();
    }

    private void lookAfter() {
        try {
            int failures = 0;
            while (!isStopping()) {
                long start = System.nanoTime();
                boolean worked = runOnce();
                failures = worked ? 0 : failures + 1;
                if (isStopping()) {
                    break;
                }
                if (failures >= TRIES && !firstReady.isDone()) {
                    throw new IllegalStateException(
                            "%s ended %d times before it was ready; its lines above say why".formatted(name, failures));
                }
                pause(backoff.after(Duration.ofNanos(System.nanoTime() - start)));
            }
            toldToEnd();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            toldToEnd();
        } catch (IOException | RuntimeException failure) {
            output.say(name + " can't be started: " + failure.getMessage());
            firstReady.completeExceptionally(failure);
        } finally {
            ended.complete(null);
        }
    }

    private void toldToEnd() {
        firstReady.completeExceptionally(new IllegalStateException(name + " was told to end before it was ready"));
    }

    /** @return whether it was ready before it ended */
    private boolean runOnce() throws IOException, InterruptedException {
        Launch launch = launches.apply(ports);
        Process started =
                new ProcessBuilder(launch.command()).redirectErrorStream(true).start();
        process = started;
        if (isStopping()) {
            // Told so between the last look and the start.
            end(started);
        }
        output.follow(name, started);
        boolean ready = awaitReady(started, launch);
        if (ready) {
            output.say("%s is ready: %s, process %d".formatted(name, launch.place(), started.pid()));
            firstReady.complete(null);
        }
        int code = started.waitFor();
        if (!isStopping()) {
            output.say("%s ended with code %d; it is started again".formatted(name, code));
        }
        return ready;
    }

    private boolean awaitReady(Process started, Launch launch) throws InterruptedException {
        while (started.isAlive() && !isStopping()) {
            if (launch.ready().answers()) {
                return true;
            }
            pause(POLL);
        }
        return false;
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void pause(Duration length) throws InterruptedException {
        // Cut short by the order to stop, which whoever calls this looks for.
        boolean unused = stopping.await(length.toNanos(), TimeUnit.NANOSECONDS);
    }
}
