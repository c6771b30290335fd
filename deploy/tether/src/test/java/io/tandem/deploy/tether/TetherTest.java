package io.tandem.deploy.tether;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TetherTest {

    private static final int TERMINATED = 143;

    @Test
    void processEndsWithItsInput() throws Exception {
        Process process = start("5", "wait", "for the end");
        assertEquals("wait for the end", process.inputReader().readLine());
        assertTrue(process.isAlive(), "not before");
        process.getOutputStream().close();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(TERMINATED, process.exitValue());
    }

    @Test
    void processThatDoesNotEndIsHalted() throws Exception {
        Process process = start("1", "hang");
        assertEquals("hang", process.inputReader().readLine());
        process.getOutputStream().close();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "although a shutdown hook never ends");
    }

    @Test
    void endOfTheMainClassIsTheEnd() throws Exception {
        Process process = start("5", "return");
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }

    private static Process start(String grace, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dtandem.tether.grace=" + grace,
                "-cp",
                System.getProperty("java.class.path"),
                Tether.class.getName(),
                Sample.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** A program as a role might be one. */
    public static final class Sample {

        private Sample() {}

        /** Says its arguments, and does what the first says. */
        public static void main(String... arguments) throws InterruptedException {
            System.out.println(String.join(" ", arguments));
            CountDownLatch never = new CountDownLatch(1);
            switch (arguments[0]) {
                case "hang" -> {
                    Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitForEver(never)));
                    never.await();
                }
                case "wait" -> never.await();
                default -> System.out.flush();
            }
        }

        private static void awaitForEver(CountDownLatch never) {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
