package io.tandem.engine.cpu;

import io.tandem.engine.golden.GoldenConformance;
import io.tandem.engine.ops.Ops;

class CpuGoldenTest extends GoldenConformance {

    @Override
    protected Ops open() {
        return new CpuOps(2, Screening.ON);
    }
}
