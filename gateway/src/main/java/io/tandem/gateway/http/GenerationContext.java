package io.tandem.gateway.http;

import io.tandem.gateway.observation.ObservedRequest;
import io.tandem.gateway.openai.AnswerFormat;
import io.tandem.gateway.openai.ApiRequest;
import io.tandem.gateway.openai.GenerationRoute;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import java.time.Duration;

/**
 * A request that was admitted and understood.
 *
 * @param exchange where its answer goes
 * @param scope its life
 * @param route by which it came
 * @param request what it asks for
 * @param format how its answer is written
 * @param before where its time went until it was understood
 */
record GenerationContext(
        Exchange exchange,
        RequestScope scope,
        GenerationRoute route,
        ApiRequest request,
        AnswerFormat format,
        Timings before)
        implements ObservedRequest {

    @Override
    public String operation() {
        return route.operation();
    }

    @Override
    public String model() {
        return request.options().model();
    }

    @Override
    public Duration elapsed() {
        return exchange.elapsed();
    }

    @Override
    public void counted(TokenCounts tokens) {
        exchange.counted(tokens);
    }
}
