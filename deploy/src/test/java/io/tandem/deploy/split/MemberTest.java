package io.tandem.deploy.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemberTest {

    private static final long PATIENCE_SECONDS = 30;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();

    @Test
    void processThatEndsIsStartedAgain() throws Exception {
        // The first says that it runs and ends, the second stays.
        Member member =
                member("echo started >> runs; [ $(wc -l < runs) = 1 ] || { echo here; exec sleep 60; }", "runs");
        member.start();
        member.firstReady().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        await(() -> said("fake-1 | here"));
        assertTrue(said("fake-1 ended with code 0; it is started again"), terminal::toString);
        member.stop().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertEquals(2, Files.readAllLines(folder.resolve("runs")).size(), "not when it was told to end");
    }

    @Test
    void processThatNeverWorksIsGivenUp() {
        Member member = member("echo broken; exit 3", "never");
        member.start();
        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> member.firstReady().get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(
                "fake-1 ended 3 times before it was ready; its lines above say why",
                failure.getCause().getMessage());
        await(() -> said("fake-1 | broken"));
    }

    @Test
    void processThatWasToldToEndMaySayWhatItHasToSay() throws Exception {
        Member member = member("trap 'echo goodbye; exit 0' TERM; touch ready; while :; do sleep 0.1; done", "ready");
        member.start();
        member.firstReady().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        member.stop().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        await(() -> said("fake-1 | goodbye"));
        assertFalse(said("started again"));
    }

    private Member member(String script, String readyFile) {
        Launch launch = new Launch(
                List.of("/bin/sh", "-c", "cd '" + folder + "'; " + script),
                () -> Files.exists(folder.resolve(readyFile)),
                "here");
        return new Member(
                "fake-1",
                new Ports(1, 2),
                ports -> launch,
                new Output(new PrintStream(terminal, true, StandardCharsets.UTF_8)));
    }

    private boolean said(String text) {
        return terminal.toString(StandardCharsets.UTF_8).contains(text);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within " + PATIENCE_SECONDS + " s");
            Thread.onSpinWait();
        }
    }
}
