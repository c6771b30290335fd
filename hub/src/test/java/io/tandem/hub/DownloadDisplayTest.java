package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DownloadDisplayTest {

    private static final RemoteFile FILE = new RemoteFile("model.safetensors", 2_000_000, new BlobId("0".repeat(64)));

    private final AtomicLong clock = new AtomicLong();
    private final List<String> log = new ArrayList<>();

    @Test
    void saysInWordsHowFarItIs() {
        assertEquals(
                "[###############               ]  50 %  1.0 GB of 2.0 GB  10.0 MB/s  1:40 left",
                ProgressLine.of(1_000_000_000, 2_000_000_000, 10e6));
        assertTrue(ProgressLine.of(0, 5_000, 0).endsWith("0 B of 5.0 kB  0 B/s  ? left"));
        assertTrue(ProgressLine.of(0, 0, 0).contains("100 %"));
        assertTrue(ProgressLine.of(0, 36_610_000, 10_000).endsWith("1:01:01 left"));
        assertTrue(ProgressLine.of(0, 1L << 50, 1).endsWith("days left"));
        assertEquals("999 B", ProgressLine.size(999));
        assertEquals("1.0 MB", ProgressLine.size(999_960));
        assertEquals("1.5 TB", ProgressLine.size(1_500_000_000_000L));
    }

    @Test
    void writesTwoLinesAFileToALog() {
        try (DownloadDisplay display = new DownloadDisplay("a/b", null, log::add, clock::get)) {
            display.planned(1, FILE.size());
            display.started(FILE, 500_000);
            for (int i = 0; i < 15; i++) {
                clock.addAndGet(200_000_000);
                display.received(100_000);
            }
            display.finished(FILE);
        }
        assertEquals(
                List.of(
                        "Downloading model.safetensors of a/b (2.0 MB, of which 500.0 kB are there)",
                        "Downloaded model.safetensors of a/b in 3.0 s"),
                log);
    }

    @Test
    void drawsOneLineOnATerminal() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream terminal = new PrintStream(written, true, StandardCharsets.UTF_8);
        try (DownloadDisplay display = new DownloadDisplay("a/b", terminal, log::add, clock::get)) {
            display.planned(1, FILE.size());
            display.started(FILE, 0);
            for (int i = 0; i < 2000; i++) {
                clock.addAndGet(1_000_000);
                display.received(1000);
            }
            display.finished(FILE);
        }
        String text = written.toString(StandardCharsets.UTF_8);
        assertEquals(List.of(), log);
        assertTrue(text.contains("100 %"), text);
        assertEquals(1, text.chars().filter(character -> character == '\n').count());
        int draws = text.split("\r").length - 1;
        assertTrue(draws > 10 && draws < 25, draws + " draws");
        assertTrue(text.contains("50 %  1.0 MB of 2.0 MB  1.0 MB/s  0:01 left"), text);
    }

    @Test
    void notesDoNotEndUpInTheBar() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream terminal = new PrintStream(written, true, StandardCharsets.UTF_8);
        try (DownloadDisplay display = new DownloadDisplay("a/b", terminal, log::add, clock::get)) {
            display.planned(1, FILE.size());
            display.started(FILE, 0);
            display.note("waiting");
        }
        assertTrue(written.toString(StandardCharsets.UTF_8).endsWith("\nwaiting\n"));
        try (DownloadDisplay display = new DownloadDisplay("a/b", null, log::add, clock::get)) {
            display.note("waiting");
        }
        assertEquals(List.of("waiting"), log);
    }
}
