package io.tandem.deploy.tether;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs another main class and ends the process when its standard input does: the other end of that pipe is in the supervisor, and the
 * operating system closes it however the supervisor ended. One for a process.
 */
public final class Tether {

    /** Seconds that an orderly end may take before the process is halted. */
    private static final String GRACE = "tandem.tether.grace";

    private static final int DEFAULT_GRACE_SECONDS = 60;
    /** As a shell reports a process that SIGTERM ended. */
    private static final int TERMINATED = 143;

    private Tether() {}

    /**
     * Starts to watch, and runs the main class on this thread.
     *
     * @param arguments name of the main class, and what it gets
     * @throws Throwable whatever the main class throws
     */
    public static void main(String... arguments) throws Throwable {
        if (arguments.length == 0) {
            throw new IllegalArgumentException("the name of a main class is needed");
        }
        Thread.ofPlatform().daemon().name("tether").start(() -> endWith(System.in));
        Class<?> main = Class.forName(arguments[0]);
        MethodHandles.publicLookup()
                .findStatic(main, "main", MethodType.methodType(void.class, String[].class))
                .asFixedArity()
                .invoke(Arrays.copyOfRange(arguments, 1, arguments.length));
    }

    private static void endWith(InputStream pipe) {
        try {
            pipe.transferTo(OutputStream.nullOutputStream());
        } catch (IOException broken) {
            // Nobody is left at the other end, as at its regular end.
        }
        Thread.ofPlatform().daemon().name("tether-grace").start(Tether::haltLater);
        System.exit(TERMINATED);
    }

    private static void haltLater() {
        try {
            // Nobody counts down: what is waited for is the end of the process.
            boolean unused =
                    new CountDownLatch(1).await(Integer.getInteger(GRACE, DEFAULT_GRACE_SECONDS), TimeUnit.SECONDS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(TERMINATED);
    }
}
