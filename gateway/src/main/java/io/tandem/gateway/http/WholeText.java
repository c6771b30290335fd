package io.tandem.gateway.http;

import io.tandem.contract.decoder.v1.Delta;
import io.tandem.contract.decoder.v1.TokenLogprob;
import io.tandem.gateway.openai.AnswerFormat;
import io.tandem.gateway.openai.ApiRequest;
import io.tandem.gateway.openai.Choice;
import io.tandem.gateway.pipeline.GenerationSink;
import io.tandem.gateway.pipeline.Generations;
import io.tandem.gateway.pipeline.Outcome;
import io.tandem.gateway.pipeline.Preamble;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Collects all choices of a request into one answer, wherever that goes then. Used by the request's thread. */
final class WholeText {

    private final ApiRequest request;
    private final AnswerFormat format;
    private final Runnable begun;

    /** @param begun called by the thread of each generation when its first piece comes */
    WholeText(ApiRequest request, AnswerFormat format, Runnable begun) {
        this.request = request;
        this.format = format;
        this.begun = begun;
    }

    /**
     * A whole answer.
     *
     * @param json as clients get it
     * @param tokens what it cost
     * @param timings of the slowest of its choices
     * @param decoders that wrote, separated by commas
     */
    record Written(String json, TokenCounts tokens, Timings timings, String decoders) {}

    /** Runs the request. */
    Written write(Generations generations, RequestScope scope) {
        List<Collected> texts =
                Stream.generate(Collected::new).limit(request.choices()).toList();
        List<Outcome> outcomes = generations.run(request.generations(), texts, scope);
        List<Choice> choices = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            choices.add(texts.get(i).choice(i));
        }
        TokenCounts tokens = outcomes.stream().map(Outcome::tokens).reduce(TokenCounts.NONE, TokenCounts::plus);
        Timings timings =
                outcomes.stream().map(Outcome::timings).reduce(Timings::max).orElseThrow();
        String decoders =
                texts.stream().map(text -> text.preamble.decoder()).distinct().collect(Collectors.joining(","));
        return new Written(format.whole(choices, tokens), tokens, timings, decoders);
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
                begun.run();
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
