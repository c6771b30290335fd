package io.tandem.engine.cpu;

import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.OpsProvider;
import io.tandem.engine.ops.WeightFormat;

/** Opens the CPU backend, once it is sure that the JVM has the vector module. */
public final class CpuOpsProvider implements OpsProvider {

    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    @Override
    public String name() {
        return "cpu";
    }

    /**
     * @throws IllegalStateException if the JVM was started without the vector module
     * @throws IllegalArgumentException if there is no thread to compute with
     */
    @Override
    public Ops open(int threads, WeightFormat weights) {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            throw new IllegalStateException("the cpu backend needs the JVM flag --add-modules " + VECTOR_MODULE
                    + "; start java with it, or set tandem.engine.backend to another backend");
        }
        return new CpuOps(threads, weights, Screening.configured());
    }
}
