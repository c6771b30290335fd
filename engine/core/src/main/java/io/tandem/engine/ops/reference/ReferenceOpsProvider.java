package io.tandem.engine.ops.reference;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsProvider;
import io.tandem.engine.ops.WeightFormat;

/** Offers {@link ReferenceOps} as backend {@code reference}. */
public final class ReferenceOpsProvider implements OpsProvider {

    @Override
    public String name() {
        return ReferenceOps.NAME;
    }

    @Override
    public Ops open(int threads, WeightFormat weights) {
        return new ReferenceOps(weights);
    }
}
