package io.tandem.gateway.http;

import io.tandem.contract.decoder.v1.Delta;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.openai.AnswerFormat;
import io.tandem.gateway.pipeline.GenerationSink;
import io.tandem.gateway.pipeline.Generations;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.Preamble;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import java.util.List;
import java.util.stream.IntStream;

/** Answers a request in pieces. Used by the request's thread. */
final class StreamedAnswer {

    private final GenerationContext context;
    private final EventStream stream;
    private final GatewayMetrics metrics;

    StreamedAnswer(GenerationContext context, EventStream stream, GatewayMetrics metrics) {
        this.context = context;
        this.stream = stream;
        this.metrics = metrics;
    }

    /** Runs the request and sends its answer. */
    TokenCounts write(Generations generations) {
        AnswerFormat format = context.format();
        List<Pieces> sinks = IntStream.range(0, context.request().choices())
                .mapToObj(Pieces::new)
                .toList();
        List<Outcome> outcomes = generations.run(context.request().generations(), sinks, context.scope());
        TokenCounts tokens = outcomes.stream().map(Outcome::tokens).reduce(TokenCounts.NONE, TokenCounts::plus);
        Timings timings =
                outcomes.stream().map(Outcome::timings).reduce(Timings::max).orElseThrow();
        format.closingUsage(tokens, context.before().plus(timings)).ifPresent(stream::send);
        stream.done();
        return tokens;
    }

    /** One choice while it is written; used by the thread of its generation. */
    private final class Pieces implements GenerationSink {
        private final int index;

        private Pieces(int index) {
            this.index = index;
        }

        @Override
        public void begin(Preamble preamble) {
            metrics.firstToken(context.route().label(), context.exchange().elapsed());
            AnswerHeaders.set(
                    context.exchange(),
                    preamble.decoder(),
                    preamble.cacheUse(),
                    context.before().plus(preamble.timings()));
            context.format().opening(index, preamble.promptTokenIds()).ifPresent(stream::send);
        }

        @Override
        public void delta(Delta delta) {
            stream.send(context.format().delta(index, delta));
        }

        @Override
        public boolean restart() {
            return false;
        }

        @Override
        public void end(Outcome outcome) {
            stream.send(context.format().closing(index, outcome.finish()));
        }
    }
}
