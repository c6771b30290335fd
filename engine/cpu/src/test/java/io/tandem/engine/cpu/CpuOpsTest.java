package io.tandem.engine.cpu;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsConformance;
import io.tandem.engine.ops.WeightFormat;

class CpuOpsTest extends OpsConformance {

    @Override
    protected Ops open() {
        return new CpuOps(2, WeightFormat.STORED, Screening.ON);
    }
}
