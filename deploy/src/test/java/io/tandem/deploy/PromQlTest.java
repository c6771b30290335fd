package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.deploy.PromQl.Selector;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PromQlTest {

    @Test
    void findsMetricsInsideFunctionsAndAggregations() {
        PromQl query =
                PromQl.parse("histogram_quantile(0.95, sum by (le, job) (rate(a:b_bucket{x=\"1\", y!~\"(z)\"}[5m])))");
        assertEquals(List.of(new Selector("a:b_bucket", Set.of("x", "y"))), query.selectors());
        assertEquals(Set.of("le", "job"), query.grouping());
    }

    @Test
    void findsBothSidesOfAnOperator() {
        PromQl query = PromQl.parse("a_total{code=~\"5..\"} > 0.1 * b_total and on (job) c offset 5m == 0");
        assertEquals(
                List.of(
                        new Selector("a_total", Set.of("code")),
                        new Selector("b_total", Set.of()),
                        new Selector("c", Set.of())),
                query.selectors());
        assertEquals(Set.of("job"), query.grouping());
    }

    @Test
    void takesNoVariableForAMetric() {
        PromQl query = PromQl.parse("sum(rate(a{job=~\"$job\"}[$__rate_interval])) / 1e3");
        assertEquals(List.of(new Selector("a", Set.of("job"))), query.selectors());
    }
}
