package io.tandem.engine.ops;

import io.tandem.engine.checkpoint.DType;
import java.util.function.BiFunction;

/**
 * One entry of the conformance list: an operation on inputs of one shape and weight format.
 *
 * @param operation what it tests
 * @param shape its sizes, for the name of the test
 * @param dtype format of the weights; F32 where there are none
 * @param alone computes everything in one call, or row by row (segment by segment, sequence by sequence); the bits must be equal
 */
record OpsCase(Operation operation, String shape, DType dtype, BiFunction<Ops, Company, float[]> alone) {

    /** Whether the rows of a case are computed together. */
    enum Company {
        TOGETHER,
        ALONE
    }

    float[] run(Ops ops, Company company) {
        return alone.apply(ops, company);
    }

    String title() {
        return operation + " " + shape + " " + dtype;
    }
}
