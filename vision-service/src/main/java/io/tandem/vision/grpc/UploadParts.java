package io.tandem.vision.grpc;

import io.tandem.runtime.ModelIdentity;
import io.tandem.runtime.TenantKeys;
import io.tandem.runtime.calls.Calls;
import io.tandem.vision.config.VisionServiceConfig;
import io.tandem.vision.encoding.SoftTokens;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * What every call uses. Immutable; all parts are thread-safe.
 *
 * @param config the limits
 * @param softTokens empty if the served model reads no pictures
 * @param keys name soft tokens
 * @param model makes them
 * @param calls run
 * @param places one for each picture that may be held in memory
 */
public record UploadParts(
        VisionServiceConfig config,
        Optional<SoftTokens> softTokens,
        TenantKeys keys,
        ModelIdentity model,
        Calls calls,
        Semaphore places) {}
