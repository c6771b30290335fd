package io.tandem.gateway.http;

import io.tandem.contract.encoder.v1.DetokenizeRequest;
import io.tandem.contract.encoder.v1.EmbedReply;
import io.tandem.contract.encoder.v1.TokenizeRequest;
import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.metrics.GatewayMetrics;
import io.tandem.gateway.openai.EmbeddingFormat;
import io.tandem.gateway.openai.EmbeddingReader;
import io.tandem.gateway.openai.EmbeddingRequest;
import io.tandem.gateway.openai.RequestLimits;
import io.tandem.gateway.openai.TokenizeFormat;
import io.tandem.gateway.openai.TokenizeReader;
import io.tandem.gateway.pipeline.CacheUse;
import io.tandem.gateway.pipeline.EncoderClient;
import io.tandem.gateway.pipeline.Timings;
import io.tandem.gateway.pipeline.TokenCounts;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Answers the requests that only the encoder-service works on: embeddings and tokens. Thread-safe. */
@Singleton
final class TextAnswers {

    /** Values of the label {@code route} in the metrics. */
    static final String EMBEDDINGS = "embeddings";

    static final String TOKENIZE = "tokenize";
    static final String DETOKENIZE = "detokenize";

    private final RequestLimits limits;
    private final EncoderClient encoder;
    private final GatewayMetrics metrics;

    TextAnswers(GatewayConfig config, FilesConfig files, EncoderClient encoder, GatewayMetrics metrics) {
        this.limits = RequestLimits.of(config, files);
        this.encoder = encoder;
        this.metrics = metrics;
    }

    void embed(AdmittedRequest admitted) {
        EmbeddingRequest request = new EmbeddingReader(admitted.model(), limits)
                .read(admitted.body())
                .ofTenant(admitted.exchange().tenant());
        long start = System.nanoTime();
        EmbedReply reply = encoder.embed(request.embedding(), admitted.scope());
        long encode = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        TokenCounts tokens = TokenCounts.of(reply);
        AnswerHeaders.set(
                admitted.exchange(),
                CacheUse.of(tokens),
                Timings.before(admitted.ticket().waited(), Duration.ZERO).plus(new Timings(0, 0, 0, encode, 0, 0)));
        metrics.tokens(tokens);
        admitted.exchange().counted(tokens);
        admitted.lease().spend(tokens.total());
        send(EMBEDDINGS, admitted, EmbeddingFormat.of(request, reply, tokens));
    }

    void tokenize(AdmittedRequest admitted) {
        TokenizeRequest request = new TokenizeReader(admitted.model()).readText(admitted.body());
        send(
                TOKENIZE,
                admitted,
                TokenizeFormat.tokens(request, encoder.tokenize(request, admitted.scope()), admitted.model()));
    }

    void detokenize(AdmittedRequest admitted) {
        DetokenizeRequest request = new TokenizeReader(admitted.model()).readTokens(admitted.body());
        send(
                DETOKENIZE,
                admitted,
                TokenizeFormat.text(
                        encoder.detokenize(request, admitted.scope()).getText()));
    }

    private void send(String label, AdmittedRequest admitted, String answer) {
        metrics.queued(admitted.ticket().waited());
        admitted.exchange().answer(answer);
        metrics.answered(label, admitted.exchange().elapsed());
    }
}
