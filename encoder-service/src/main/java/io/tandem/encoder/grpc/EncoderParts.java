package io.tandem.encoder.grpc;

import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.encoder.embedding.Embedder;
import io.tandem.encoder.encoding.SegmentStates;
import io.tandem.encoder.prompt.DocumentCutter;
import io.tandem.encoder.prompt.PromptReader;
import io.tandem.encoder.prompt.PromptTokenizer;
import io.tandem.encoder.prompt.ReadingPool;
import io.tandem.runtime.ModelIdentity;
import io.tandem.runtime.TenantKeys;
import io.tandem.runtime.calls.Call;
import io.tandem.runtime.calls.Calls;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What every call uses. Immutable; all parts are thread-safe.
 *
 * @param reader makes segments of requests
 * @param tokenizer for those who want no states
 * @param cutter for those whose documents are long
 * @param reading runs all three
 * @param states encodes them
 * @param embedder makes vectors of them
 * @param keys name them
 * @param model makes them
 * @param calls run
 * @param description of the served model
 */
public record EncoderParts(
        PromptReader reader,
        PromptTokenizer tokenizer,
        DocumentCutter cutter,
        ReadingPool reading,
        SegmentStates states,
        Embedder embedder,
        TenantKeys keys,
        ModelIdentity model,
        Calls calls,
        ModelDescription description) {

    /**
     * Waits for something that computes without a pause.
     *
     * @throws io.tandem.contract.TandemException OVERLOADED, or why the call ended
     * @throws java.util.concurrent.CompletionException with what the reading failed with
     */
    <T> T read(Call call, Supplier<T> reads) {
        return call.await(CompletableFuture.supplyAsync(
                () -> {
                    call.requireWanted();
                    return reads.get();
                },
                reading));
    }
}
