package io.tandem.encoder.grpc;

import io.tandem.contract.encoder.v1.ModelDescription;
import io.tandem.encoder.encoding.SegmentStates;
import io.tandem.encoder.prompt.PromptReader;
import io.tandem.encoder.prompt.ReadingPool;
import io.tandem.runtime.TenantKeys;
import io.tandem.runtime.calls.Calls;

/**
 * What every call uses. Immutable; all parts are thread-safe.
 *
 * @param reader makes segments of requests
 * @param reading runs it
 * @param states encodes them
 * @param keys name them
 * @param calls run
 * @param description of the served model
 */
public record EncoderParts(
        PromptReader reader,
        ReadingPool reading,
        SegmentStates states,
        TenantKeys keys,
        Calls calls,
        ModelDescription description) {}
