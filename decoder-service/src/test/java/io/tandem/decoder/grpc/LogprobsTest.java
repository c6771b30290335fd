package io.tandem.decoder.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.contract.decoder.v1.GenerateRequest;
import io.tandem.contract.decoder.v1.Sampling;
import io.tandem.contract.decoder.v1.ScoredToken;
import io.tandem.contract.decoder.v1.TokenLogprob;
import io.tandem.contract.encoder.v1.TokenIds;
import io.tandem.decoder.Answer;
import io.tandem.decoder.FakeModel;
import io.tandem.decoder.TestConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Log probabilities over a real server: one entry a token, whatever becomes of the token's text. */
@Timeout(60)
class LogprobsTest extends ServedDecoder {

    private static final int TOKENS = 14;

    @Test
    void everyTokenHasTheModelsOwn() throws Exception {
        open(TestConfig.ROOMY);
        GenerateRequest.Builder asked =
                request(3, TOKENS).setReturnTokenIds(true).setLogprobs(4);
        assertScores(server.call(asked.build()).toEnd(), greedy(TOKENS, 3), 4);
        GenerateRequest.Builder drawn = asked.clone();
        drawn.setSampling(Sampling.newBuilder().setTemperature(0.3f).setTopK(7).setSeed(5));
        Answer answer = server.call(drawn.build()).toEnd();
        assertScores(answer, answer.tokens(), 4);
        GenerateRequest.Builder penalised = asked.clone();
        penalised.setSampling(Sampling.newBuilder().setPresencePenalty(-2).putLogitBias(30, 4));
        Answer changed = server.call(penalised.build()).toEnd();
        assertNotEquals(greedy(TOKENS, 3), changed.tokens());
        assertScores(changed, changed.tokens(), 4);
    }

    @Test
    void noneButTheTokensOwnIsLessThanOneBestToken() throws Exception {
        open(TestConfig.ROOMY);
        GenerateRequest.Builder asked = request(3, TOKENS).setReturnTokenIds(true);
        assertScores(server.call(asked.setLogprobs(0).build()).toEnd(), greedy(TOKENS, 3), 0);
        assertEquals(
                List.of(), server.call(asked.clearLogprobs().build()).toEnd().logprobs());
    }

    /** With the source known, tokens are guessed. */
    @Test
    void guessesChangeNothing() throws Exception {
        open(TestConfig.ROOMY);
        GenerateRequest.Builder asked =
                request(3, TOKENS).setReturnTokenIds(true).setLogprobs(2);
        Answer plain = server.call(asked.build()).toEnd();
        asked.getSegmentsBuilder(0).addAllTokenIds(plain.tokens());
        Answer guessed = server.call(asked.build()).toEnd();
        assertTrue(server.counter("speculation.accepted") > 3, "tokens were guessed");
        assertEquals(plain.logprobs(), guessed.logprobs());
    }

    /** As with vLLM: the text is cut, the tokens that were written are told all the same. */
    @Test
    void whatAStopStringCutsOffIsTold() throws Exception {
        open(TestConfig.ROOMY);
        List<Integer> plain = greedy(TOKENS, 3);
        String stop = text(plain.subList(2, 4));
        Answer answer = server.call(request(3, TOKENS)
                        .setReturnTokenIds(true)
                        .setLogprobs(1)
                        .setLimits(request(3, TOKENS).getLimitsBuilder().addStop(stop))
                        .build())
                .toEnd();
        assertEquals(text(plain.subList(0, 2)), answer.text());
        assertScores(answer, plain.subList(0, 4), 1);
    }

    @Test
    void aStopTokenIsTold() throws Exception {
        open(TestConfig.ROOMY);
        Answer answer = server.call(request(3, TOKENS)
                        .setReturnTokenIds(true)
                        .setLogprobs(0)
                        .setSampling(Sampling.newBuilder().putLogitBias(1, 100))
                        .build())
                .toEnd();
        ScoredToken stop = answer.logprobs().getFirst().getToken();
        assertEquals(1, answer.logprobs().size());
        assertEquals(1, stop.getId());
        assertEquals("<eos>", stop.getText().toStringUtf8());
        assertEquals("", answer.text());
    }

    /** The character ü, byte by byte, between two letters. */
    @Test
    void aCharacterInPartsIsToldByteByByte() throws Exception {
        open(TestConfig.ROOMY);
        int[] parts = tokenizer.encodeWithoutSpecial("a\u4e16b");
        int first = IntStream.range(0, parts.length)
                .filter(i ->
                        tokenizer.bytesOf(parts[i]).length == 1 && tokenizer.bytesOf(parts[i])[0] < 0)
                .findFirst()
                .orElseThrow();
        TokenIds before = TokenIds.newBuilder().addIds(parts[0]).build();
        List<TokenLogprob> told = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        // Forced one after the other: the model has no mind of its own here.
        GenerateRequest.Builder asked =
                request(3, 1).setReturnTokenIds(true).setLogprobs(0).setPrefixTokenIds(before);
        for (int i = first; i < parts.length; i++) {
            asked.setSampling(Sampling.newBuilder().putLogitBias(parts[i], 100));
            Answer answer = server.call(asked.build()).toEnd();
            told.addAll(answer.logprobs());
            text.append(answer.text());
            asked.getPrefixTokenIdsBuilder().addIds(parts[i]);
        }
        ByteString bytes =
                told.stream().map(token -> token.getToken().getText()).reduce(ByteString.EMPTY, ByteString::concat);
        assertEquals("\u4e16b", bytes.toStringUtf8());
        assertEquals(
                List.of(0xe4, 0xb8, 0x96),
                told.stream()
                        .limit(3)
                        .map(token ->
                                Byte.toUnsignedInt(token.getToken().getText().byteAt(0)))
                        .toList());
    }

    @Test
    void moreThanTwentyAreRefused() throws Exception {
        open(TestConfig.ROOMY);
        for (int bad : new int[] {-1, 21}) {
            TandemException refusal =
                    server.call(request(3, 5).setLogprobs(bad).build()).toError();
            assertEquals(ErrorCode.INVALID_REQUEST, refusal.code());
            assertEquals(Optional.of("logprobs"), refusal.param());
        }
    }

    private static void assertScores(Answer answer, List<Integer> tokens, int best) {
        assertEquals(tokens, answer.tokens());
        assertEquals(
                tokens,
                answer.logprobs().stream().map(told -> told.getToken().getId()).toList());
        int vocabulary = tokenizer.vocabularySize();
        float[] logits = new float[vocabulary];
        long seen = FakeModel.read(FakeModel.begin(hashes(3)), FakeModel.START_TOKEN);
        StringBuilder text = new StringBuilder();
        for (TokenLogprob told : answer.logprobs()) {
            FakeModel.logits(seen, logits, vocabulary);
            double logSum = Math.log(IntStream.range(0, vocabulary)
                    .mapToDouble(id -> Math.exp(logits[id]))
                    .sum());
            List<Integer> expected = IntStream.range(0, vocabulary)
                    .boxed()
                    .sorted(Comparator.comparingDouble(id -> -logits[id]))
                    .limit(best)
                    .toList();
            assertEquals(
                    expected, told.getTopList().stream().map(ScoredToken::getId).toList());
            for (ScoredToken top : told.getTopList()) {
                assertEquals(logits[top.getId()] - logSum, top.getLogprob(), 1e-5);
            }
            assertEquals(
                    logits[told.getToken().getId()] - logSum, told.getToken().getLogprob(), 1e-5);
            assertEquals(text.codePoints().count(), told.getTextOffset());
            text.append(
                    tokenizer.isSpecial(told.getToken().getId())
                            ? ""
                            : told.getToken().getText().toStringUtf8());
            seen = FakeModel.read(seen, told.getToken().getId());
        }
    }
}
