package io.tandem.engine.cpu;

import io.tandem.engine.model.SlicesConformance;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.WeightFormat;

class CpuSlicesTest extends SlicesConformance {

    @Override
    protected Ops open() {
        return new CpuOps(2, WeightFormat.STORED, Screening.ON);
    }
}
