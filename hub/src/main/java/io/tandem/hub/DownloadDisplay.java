package io.tandem.hub;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Shows a download to a person: on a terminal one line that is drawn again, elsewhere a line when a file begins and one
 * when it is there. Called by the threads that download, one at a time.
 */
final class DownloadDisplay implements DownloadListener, AutoCloseable {

    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();

    /** The rate is that of the last seconds, so that it follows the line's. */
    private static final long WINDOW_NANOS = Duration.ofSeconds(5).toNanos();

    private static final String CLEAR_TO_END = "\033[K";

    private record Sample(long nanos, long bytes) {}

    private final String repository;
    private final PrintStream terminal;
    private final Consumer<String> log;
    private final LongSupplier clock;
    private final Map<RemoteFile, Long> begun = new HashMap<>();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private int left;
    private long total;
    private long done;
    private boolean open;

    /**
     * @param terminal where to draw, or null to write lines to the log
     * @param clock nanoseconds
     */
    DownloadDisplay(String repository, PrintStream terminal, Consumer<String> log, LongSupplier clock) {
        this.repository = repository;
        this.terminal = terminal;
        this.log = log;
        this.clock = clock;
    }

    /** A bar on the terminal if there is one. */
    static DownloadDisplay open(String repository, Consumer<String> log) {
        Console console = System.console();
        boolean drawn = console != null && console.isTerminal();
        return new DownloadDisplay(repository, drawn ? System.err : null, log, System::nanoTime);
    }

    @Override
    public synchronized void planned(int files, long bytes) {
        left = files;
        total = bytes;
        done = 0;
        samples.clear();
    }

    @Override
    public synchronized void started(RemoteFile file, long already) {
        begun.put(file, clock.getAsLong());
        done += already;
        if (terminal == null) {
            String resumed = already == 0 ? "" : ", of which " + ProgressLine.size(already) + " are there";
            log.accept("Downloading %s of %s (%s%s)"
                    .formatted(file.name(), repository, ProgressLine.size(file.size()), resumed));
        }
        draw(false);
    }

    @Override
    public synchronized void received(long bytes) {
        done += bytes;
        draw(false);
    }

    @Override
    public synchronized void finished(RemoteFile file) {
        left--;
        Long start = begun.remove(file);
        if (start == null) {
            // Another process has downloaded it.
            done += file.size();
        } else if (terminal == null) {
            double seconds = (clock.getAsLong() - start) / 1e9;
            log.accept("Downloaded %s of %s in %.1f s".formatted(file.name(), repository, seconds));
        }
        draw(left == 0);
    }

    @Override
    public synchronized void note(String line) {
        endLine();
        if (terminal == null) {
            log.accept(line);
        } else {
            terminal.println(line);
        }
    }

    private void draw(boolean last) {
        if (terminal == null) {
            return;
        }
        long now = clock.getAsLong();
        if (!last && !samples.isEmpty() && now - samples.getLast().nanos() < REDRAW_NANOS) {
            return;
        }
        samples.addLast(new Sample(now, done));
        while (now - samples.getFirst().nanos() > WINDOW_NANOS && samples.size() > 2) {
            samples.removeFirst();
        }
        Sample oldest = samples.getFirst();
        double rate = now == oldest.nanos() ? 0 : Math.max(0, done - oldest.bytes()) * 1e9 / (now - oldest.nanos());
        terminal.print("\rDownloading " + repository + " " + ProgressLine.of(done, total, rate) + CLEAR_TO_END);
        terminal.flush();
        open = true;
        if (last) {
            endLine();
        }
    }

    private void endLine() {
        if (open) {
            terminal.println();
            open = false;
        }
    }

    @Override
    public synchronized void close() {
        endLine();
    }
}
