package io.tandem.gateway.http;

import io.tandem.contract.decoder.v1.Delta;
import io.tandem.contract.decoder.v1.TokenLogprob;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.openai.Choice;
import io.tandem.gateway.pipeline.CacheUse;
import io.tandem.gateway.pipeline.GenerationSink;
import io.tandem.gateway.pipeline.Generations;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.Preamble;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        List<Collected> texts = Stream.generate(Collected::new)
                .limit(context.request().choices())
                .toList();
        List<Outcome> outcomes = generations.run(context.request().generations(), texts, context.scope());
        List<Choice> choices = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            choices.add(texts.get(i).choice(i));
        }
        TokenCounts tokens = outcomes.stream().map(Outcome::tokens).reduce(TokenCounts.NONE, TokenCounts::plus);
        Timings timings =
                outcomes.stream().map(Outcome::timings).reduce(Timings::max).orElseThrow();
        String decoders =
                texts.stream().map(text -> text.preamble.decoder()).distinct().collect(Collectors.joining(","));
        AnswerHeaders.set(context.exchange(), decoders, CacheUse.of(tokens), context.admission(), timings);
        context.exchange().answer(context.format().whole(choices, tokens));
        return tokens;
    }

    /** One choice while it is written; used by the thread of its generation. */
    private final class Collected implements GenerationSink {
        private final StringBuilder text = new StringBuilder();
        private final List<Integer> tokenIds = new ArrayList<>();
        private final List<TokenLogprob> logprobs = new ArrayList<>();
        private Preamble preamble;
        private Outcome.Finish finish;

        @Override
        public void begin(Preamble known) {
            if (preamble == null) {
                metrics.firstToken(context.route().label(), context.exchange().elapsed());
            }
            preamble = known;
        }

        @Override
        public void delta(Delta delta) {
            text.append(delta.getText());
            tokenIds.addAll(delta.getTokenIdsList());
            logprobs.addAll(delta.getLogprobsList());
        }

        @Override
        public boolean restart() {
            text.setLength(0);
            tokenIds.clear();
            logprobs.clear();
            return true;
        }

        @Override
        public void end(Outcome outcome) {
            finish = outcome.finish();
        }

        private Choice choice(int index) {
            return new Choice(index, text.toString(), tokenIds, logprobs, preamble.promptTokenIds(), finish);
        }
    }
}
