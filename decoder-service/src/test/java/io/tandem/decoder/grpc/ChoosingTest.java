package io.tandem.decoder.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.Finished.Reason;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Limits;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.decoder.Answer;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.TestConfig;
import io.tandem.decoder.scheduling.GenerationRequest;
import io.tandem.decoder.scheduling.GenerationRequest.Extras;
import io.tandem.engine.sampling.LogitBias;
import io.tandem.engine.sampling.LogitRules;
import io.tandem.engine.sampling.SamplingParameters;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the fields that change how tokens are chosen come to, over a real server. */
@Timeout(60)
class ChoosingTest extends ServedDecoder {

    /** Ends answers of the checkpoint's model. */
    private static final int EOS = 1;

    private static final int TOKENS = 12;

    @Test
    void penaltiesAndBiasesActOnGreedyAnswers() throws Exception {
        open(TestConfig.ROOMY);
        List<Integer> plain = greedy(TOKENS, 3);
        int favoured = plain.get(4);
        assertAnswer(Sampling.newBuilder().setFrequencyPenalty(-2), new LogitRules(-2, 0, 1, LogitBias.NONE));
        assertAnswer(Sampling.newBuilder().setPresencePenalty(-2), new LogitRules(0, -2, 1, LogitBias.NONE));
        assertAnswer(Sampling.newBuilder().setRepetitionPenalty(0.25f), new LogitRules(0, 0, 0.25f, LogitBias.NONE));
        List<Integer> forced = assertAnswer(
                Sampling.newBuilder().putLogitBias(favoured, 100),
                new LogitRules(0, 0, 1, new LogitBias(new int[] {favoured}, new float[] {100})));
        assertEquals(List.of(favoured), forced.stream().distinct().toList());
    }

    @Test
    void beforeTheLeastLengthNoStopTokenIsChosen() throws Exception {
        open(TestConfig.ROOMY);
        List<Integer> plain = greedy(TOKENS, 3);
        int stop = plain.get(2);
        Answer stopped =
                server.call(limited(Limits.newBuilder().addStopTokenIds(stop))).toEnd();
        assertEquals(plain.subList(0, 3), stopped.tokens());
        GenerationRequest least = new GenerationRequest(
                new int[0],
                TOKENS,
                new int[] {EOS, stop},
                SamplingParameters.GREEDY,
                new int[0],
                new Extras(LogitRules.NONE, 7, Extras.NO_LOGPROBS, Optional.empty()));
        Answer longer = server.call(
                        limited(Limits.newBuilder().addStopTokenIds(stop).setMinTokens(7)))
                .toEnd();
        assertEquals(FakeModel.output(hashes(3), least, tokenizer.vocabularySize()), longer.tokens());
        assertEquals(plain.subList(0, 2), longer.tokens().subList(0, 2));
        assertNotEquals(stop, longer.tokens().get(2));
    }

    @Test
    void beforeTheLeastLengthStopStringsAreTextLikeAnyOther() throws Exception {
        open(TestConfig.ROOMY);
        List<Integer> plain = greedy(TOKENS, 3);
        String whole = text(plain);
        String early = text(plain.subList(0, 2)).substring(1);
        assertEquals(
                whole.substring(0, whole.indexOf(early)),
                server.call(limited(Limits.newBuilder().addStop(early))).toEnd().text());
        Answer answer = server.call(limited(Limits.newBuilder().addStop(early).setMinTokens(TOKENS)))
                .toEnd();
        assertEquals(whole, answer.text());
        assertEquals(Reason.REASON_LENGTH, answer.finished().getReason());
    }

    @Test
    void whoIgnoresTheEndStillHasItsOwnStopTokens() throws Exception {
        open(TestConfig.ROOMY);
        Sampling ending = Sampling.newBuilder().putLogitBias(EOS, 100).build();
        Answer ended = server.call(limited(Limits.newBuilder()).toBuilder()
                        .setSampling(ending)
                        .build())
                .toEnd();
        assertEquals(List.of(EOS), ended.tokens());
        assertEquals(Reason.REASON_STOP, ended.finished().getReason());
        Answer endless = server.call(limited(Limits.newBuilder().setIgnoreEos(true)).toBuilder()
                        .setSampling(ending)
                        .build())
                .toEnd();
        assertEquals(Collections.nCopies(TOKENS, EOS), endless.tokens());
        assertEquals("", endless.text());
        assertEquals(Reason.REASON_LENGTH, endless.finished().getReason());
        Answer own = server.call(limited(Limits.newBuilder().setIgnoreEos(true).addStopTokenIds(EOS)).toBuilder()
                        .setSampling(ending)
                        .build())
                .toEnd();
        assertEquals(List.of(EOS), own.tokens());
    }

    @Test
    void whatIsOutOfRangeIsRefusedByName() throws Exception {
        open(TestConfig.ROOMY);
        assertRefused("frequency_penalty", chosen(Sampling.newBuilder().setFrequencyPenalty(3)));
        assertRefused("presence_penalty", chosen(Sampling.newBuilder().setPresencePenalty(Float.NaN)));
        assertRefused("repetition_penalty", chosen(Sampling.newBuilder().setRepetitionPenalty(0)));
        assertRefused("logit_bias", chosen(Sampling.newBuilder().putLogitBias(5, 101)));
        assertRefused("logit_bias", chosen(Sampling.newBuilder().putLogitBias(-1, 1)));
        assertRefused("logit_bias", chosen(Sampling.newBuilder().putLogitBias(tokenizer.vocabularySize(), 1)));
        assertRefused("min_tokens", limited(Limits.newBuilder().setMinTokens(TOKENS + 1)));
        assertRefused("min_tokens", limited(Limits.newBuilder().setMinTokens(-1)));
    }

    private List<Integer> assertAnswer(Sampling.Builder sampling, LogitRules rules) throws Exception {
        GenerationRequest request = new GenerationRequest(
                new int[0],
                TOKENS,
                new int[] {EOS},
                SamplingParameters.GREEDY,
                new int[0],
                new Extras(rules, 0, Extras.NO_LOGPROBS, Optional.empty()));
        List<Integer> expected = FakeModel.output(hashes(3), request, tokenizer.vocabularySize());
        assertNotEquals(greedy(TOKENS, 3), expected, "the rule has an effect");
        assertEquals(expected, server.call(chosen(sampling)).toEnd().tokens());
        return expected;
    }

    private void assertRefused(String param, GenerateRequest request) throws Exception {
        TandemException refusal = server.call(request).toError();
        assertEquals(ErrorCode.INVALID_REQUEST, refusal.code(), refusal.getMessage());
        assertEquals(Optional.of(param), refusal.param(), refusal.getMessage());
    }

    private static GenerateRequest chosen(Sampling.Builder sampling) {
        return request(3, TOKENS).setReturnTokenIds(true).setSampling(sampling).build();
    }

    private static GenerateRequest limited(Limits.Builder limits) {
        return request(3, TOKENS)
                .setReturnTokenIds(true)
                .setLimits(limits.setMaxTokens(TOKENS))
                .build();
    }
}
