package io.tandem.engine.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.ops.OpsCase.Company;
import io.tandem.engine.ops.reference.ReferenceOps;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * What every backend must pass: one list of cases, compared with {@link ReferenceOps} and with itself. Subclass it and open the
 * backend. {@code -Dtandem.conformance=perf} adds the time each case takes.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class OpsConformance {

    /** Largest error relative to the largest value: what fp32 sums of these lengths can reach. */
    private static final float TOLERANCE = 2e-5f;

    private Ops ops;
    private Ops reference;

    /** Opens the backend under test. */
    protected abstract Ops open();

    /** How the backend under test keeps weights; the reference keeps them alike. */
    protected WeightFormat weights() {
        return WeightFormat.STORED;
    }

    /** Weight formats that the backend claims to support; all others must be refused with a reason. */
    protected Set<DType> supported() {
        return EnumSet.allOf(DType.class);
    }

    private static List<OpsCase> cases() {
        List<OpsCase> cases = new ArrayList<>(RowCases.all());
        cases.addAll(AttentionCases.all());
        return cases;
    }

    @BeforeAll
    void openBoth() {
        ops = open();
        reference = new ReferenceOps(weights());
    }

    @AfterAll
    void closeBoth() {
        ops.close();
        reference.close();
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReference() {
        return cases().stream()
                .filter(test -> supported().contains(test.dtype()))
                .map(test -> dynamicTest(test.title(), () -> {
                    float[] expected = test.run(reference, Company.TOGETHER);
                    assertClose(expected, test.run(ops, Company.TOGETHER));
                }));
    }

    @TestFactory
    Stream<DynamicTest> doesNotDependOnCompany() {
        return cases().stream()
                .filter(test -> supported().contains(test.dtype()))
                .map(test -> dynamicTest(
                        test.title(),
                        () -> assertArrayEquals(
                                test.run(ops, Company.TOGETHER), test.run(ops, Company.ALONE), "bits differ")));
    }

    @Test
    void saysWhatItSupports() {
        for (DType dtype : DType.values()) {
            for (Operation operation :
                    List.of(Operation.EMBED, Operation.MATMUL, Operation.GEGLU, Operation.ARGMAX_PRODUCT)) {
                assertEquals(
                        supported().contains(dtype),
                        ops.unsupported(operation, dtype).isEmpty(),
                        operation + " on " + dtype);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> performs() {
        assumeTrue(
                "perf".equals(System.getProperty("tandem.conformance")), "timed only with -Dtandem.conformance=perf");
        return cases().stream()
                .map(test -> dynamicTest(test.title(), () -> {
                    long best = Long.MAX_VALUE;
                    for (int i = 0; i < 20; i++) {
                        long start = System.nanoTime();
                        test.run(ops, Company.TOGETHER);
                        best = Math.min(best, System.nanoTime() - start);
                    }
                    System.out.printf("%-90s %10.1f us with its inputs%n", test.title(), best / 1e3);
                }));
    }

    private static void assertClose(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= TOLERANCE * largest)) {
                fail("value %d is %g, expected %g; the largest is %g".formatted(i, actual[i], expected[i], largest));
            }
        }
    }
}
