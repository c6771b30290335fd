package io.tandem.engine.golden;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.reference.ReferenceOps;

class ReferenceGoldenTest extends GoldenConformance {

    @Override
    protected Ops open() {
        return new ReferenceOps();
    }
}
