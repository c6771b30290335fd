package io.tandem.engine.slept;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsProvider;
import io.tandem.engine.ops.WeightFormat;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/** The backend {@code slept}. */
public final class SleptProvider implements OpsProvider {

    /** Milliseconds that a decoder step takes, a system property. */
    static final String STEP = "tandem.slept.step";

    private static final long DEFAULT_STEP = 100;

    private static final System.Logger LOG = System.getLogger(SleptProvider.class.getName());

    @Override
    public String name() {
        return SleptOps.NAME;
    }

    @Override
    public Ops open(int threads, WeightFormat weights) {
        long step = Long.getLong(STEP, DEFAULT_STEP);
        LOG.log(
                Level.WARNING,
                "SIMULATED: nothing is computed, decoder steps sleep " + step
                        + " ms, reading takes no time, answers are made up");
        return new SleptOps(Pace.ofSystem(TimeUnit.MILLISECONDS.toNanos(step)));
    }
}
