package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsConformance;

class ReferenceOpsTest extends OpsConformance {

    @Override
    protected Ops open() {
        return new ReferenceOps();
    }
}
