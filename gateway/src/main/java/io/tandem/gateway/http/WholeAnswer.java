package io.tandem.gateway.http;

import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.pipeline.CacheUse;
import io.tandem.gateway.pipeline.Generations;
import io.tandem.gateway.pipeline.TokenCounts;

/** Answers a request in one piece. Used by the request's thread. */
final class WholeAnswer {

    private final GenerationContext context;
    private final GatewayMetrics metrics;

    WholeAnswer(GenerationContext context, GatewayMetrics metrics) {
        this.context = context;
        this.metrics = metrics;
    }

    /** Runs the request and sends its answer. */
    TokenCounts write(Generations generations) {
        Exchange exchange = context.exchange();
        WholeText text = new WholeText(
                context.request(),
                context.format(),
                () -> metrics.firstToken(context.route().label(), exchange.elapsed()));
        WholeText.Written written = text.write(generations, context.scope());
        AnswerHeaders.set(
                exchange,
                written.decoders(),
                CacheUse.of(written.tokens()),
                context.before().plus(written.timings()));
        exchange.answer(written.json());
        return written.tokens();
    }
}
