package io.tandem.hub;

import java.util.Locale;

/** How far a download has got, in words and as a bar. */
final class ProgressLine {

    private static final int BAR = 30;
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};
    private static final int STEP = 1000;
    private static final long LONGEST_ESTIMATE_SECONDS = 99 * 3600;

    private ProgressLine() {}

    /**
     * One line for a terminal: bar, bytes, rate, time left.
     *
     * @param rate bytes/s; 0 if not known yet
     */
    static String of(long done, long total, double rate) {
        int filled = total == 0 ? BAR : (int) (BAR * (double) done / total);
        return String.format(
                Locale.ROOT,
                "[%s%s] %3d %%  %s of %s  %s/s  %s left",
                "#".repeat(filled),
                " ".repeat(BAR - filled),
                total == 0 ? 100 : (int) (100 * (double) done / total),
                size(done),
                size(total),
                size(Math.round(rate)),
                rate <= 0 ? "?" : time((long) Math.ceil((total - done) / rate)));
    }

    /** Bytes in decimal units, as disks and lines are sold. */
    static String size(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= STEP - 0.05 && unit < UNITS.length - 1) {
            value /= STEP;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    private static String time(long seconds) {
        if (seconds > LONGEST_ESTIMATE_SECONDS) {
            return "days";
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
