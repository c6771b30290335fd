package io.tandem.runtime;

import io.tandem.engine.model.LoadProgress;
import java.io.Console;
import java.io.PrintStream;

/** Shows on a terminal how far loading has got, on one line that is drawn again; says nothing anywhere else. */
final class LoadingDisplay implements LoadProgress, AutoCloseable {

    private static final long REDRAW_NANOS = 100_000_000;
    private static final int BAR = 30;

    private final PrintStream terminal;
    private long drawn;
    private boolean open;

    private LoadingDisplay(PrintStream terminal) {
        this.terminal = terminal;
    }

    static LoadingDisplay open() {
        Console console = System.console();
        return new LoadingDisplay(console != null && console.isTerminal() ? System.err : null);
    }

    @Override
    public void loaded(String part, long done, long total) {
        if (terminal == null) {
            return;
        }
        long now = System.nanoTime();
        if (done < total && open && now - drawn < REDRAW_NANOS) {
            return;
        }
        drawn = now;
        open = true;
        int filled = total == 0 ? BAR : (int) (BAR * done / total);
        terminal.printf(
                "\rLoading %-9s [%s%s] %3d %%",
                part, "#".repeat(filled), " ".repeat(BAR - filled), total == 0 ? 100 : 100 * done / total);
        if (done == total) {
            terminal.println();
            open = false;
        }
    }

    @Override
    public void close() {
        if (open) {
            terminal.println();
        }
    }
}
