package io.tandem.bench;

/** Reports the share of each operation in a run, beside the machine's peaks. */
final class OperationShares implements Breakdown {

    /** Shares below this, in percent, are left out. */
    private static final double LEAST_SHARE = 0.1;

    private final OperationTimes times;
    private final Machine machine;
    private final Report report;

    OperationShares(OperationTimes times, Machine machine, Report report) {
        this.times = times;
        this.machine = machine;
        this.report = report;
    }

    @Override
    public void of(String measured, Runnable run) {
        times.clear();
        long start = System.nanoTime();
        run.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        double inside = 0;
        for (OperationTimes.Sum sum : times.byTime()) {
            inside += sum.seconds();
            report(measured, sum, 100 * sum.seconds() / seconds);
        }
        double between = seconds - inside;
        report.result(
                "operation",
                "of",
                measured,
                "operation",
                "between operations",
                "share_percent",
                Report.rounded(100 * between / seconds),
                "milliseconds",
                Report.rounded(1e3 * between));
    }

    private void report(String measured, OperationTimes.Sum sum, double share) {
        if (share < LEAST_SHARE) {
            return;
        }
        report.result(
                "operation",
                "of",
                measured,
                "operation",
                sum.name(),
                "share_percent",
                Report.rounded(share),
                "milliseconds",
                Report.rounded(1e3 * sum.seconds()),
                "calls",
                sum.calls(),
                "gflops",
                Report.rounded(sum.gflops()),
                "peak_percent",
                Report.rounded(machine.percentOfGflops(sum.gflops())),
                "gb_per_s",
                Report.rounded(sum.gbPerSecond()),
                "read_percent",
                Report.rounded(machine.percentOfReads(sum.gbPerSecond())));
    }
}
