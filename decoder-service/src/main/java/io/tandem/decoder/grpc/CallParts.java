package io.tandem.decoder.grpc;

import io.tandem.decoder.metrics.DecoderMetrics;
import io.tandem.decoder.residency.EncoderResidency;
import io.tandem.decoder.scheduling.StepThread;
import io.tandem.decoder.scheduling.WaitingRoom;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.calls.Calls;
import java.time.Duration;

/**
 * What every call uses. Immutable; all parts are thread-safe.
 *
 * @param reader checks requests
 * @param tokenizer of the model
 * @param residency encoder memories
 * @param waitingRoom bounds the calls that wait
 * @param stepThread writes
 * @param calls run
 * @param metrics counts
 * @param memoryWait how long a call waits for room for its encoder memories
 */
public record CallParts(
        RequestReader reader,
        Tokenizer tokenizer,
        EncoderResidency residency,
        WaitingRoom waitingRoom,
        StepThread stepThread,
        Calls calls,
        DecoderMetrics metrics,
        Duration memoryWait) {}
