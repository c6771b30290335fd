package io.tandem.engine.cpu;

import io.tandem.engine.model.SlicesConformance;
import io.tandem.engine.ops.Ops;

class CpuSlicesTest extends SlicesConformance {

    @Override
    protected Ops open() {
        return new CpuOpsProvider().open(2);
    }
}
