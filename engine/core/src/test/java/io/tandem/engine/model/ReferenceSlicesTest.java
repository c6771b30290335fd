package io.tandem.engine.model;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.reference.ReferenceOps;

final class ReferenceSlicesTest extends SlicesConformance {

    @Override
    protected Ops open() {
        return new ReferenceOps();
    }
}
