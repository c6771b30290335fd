package io.tandem.engine.cpu;

import io.tandem.engine.ops.WeightFormat;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a request gets does not depend on who else is there, bit by bit, for many random requests. A failure names its seed;
 * {@code -Dtandem.company.seed=N} runs that one alone, {@code -Dtandem.company.seeds=N} so many. {@link VectorWidthTest} runs some of
 * them on each vector width.
 */
class RandomCompanyTest {

    private static final String SEED = "tandem.company.seed";
    private static final long SEEDS = Long.getLong("tandem.company.seeds", 60);

    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void bitsDoNotDependOnCompany(WeightFormat weights) {
        Long one = Long.getLong(SEED);
        try (RandomCompany company = new RandomCompany(weights)) {
            LongStream seeds = one == null ? LongStream.range(0, SEEDS) : LongStream.of(one);
            seeds.forEach(company::check);
        }
    }
}
