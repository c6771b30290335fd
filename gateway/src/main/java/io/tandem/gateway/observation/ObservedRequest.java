package io.tandem.gateway.observation;

import io.tandem.gateway.pipeline.TokenCounts;
import java.time.Duration;

/** A request as far as traces and figures tell of it. */
public interface ObservedRequest {

    /** What it does, as OpenTelemetry's conventions for generative AI name it: {@code chat} or {@code text_completion}. */
    String operation();

    /** The name that the client used for the model, one of those that are served. */
    String model();

    /** Time since the request arrived. */
    Duration elapsed();

    /** Takes what the request cost: before its answer is complete, or with its failure, which has a price too. */
    void counted(TokenCounts tokens);
}
