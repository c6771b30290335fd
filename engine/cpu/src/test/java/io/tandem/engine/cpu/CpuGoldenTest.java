package io.tandem.engine.cpu;

import io.tandem.engine.golden.GoldenConformance;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.WeightFormat;

class CpuGoldenTest extends GoldenConformance {

    @Override
    protected Ops open() {
        return new CpuOps(2, WeightFormat.STORED, Screening.ON);
    }
}
