package io.tandem.gateway.pipeline;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Where a request's time went, in microseconds.
 *
 * @param queue waiting for a place in the gateway, and for a decoder's slot
 * @param fetch bringing pictures that the request names by address, all together
 * @param vision in the vision-service, all pictures together, as the gateway saw it
 * @param encode in the encoder-service, as the gateway saw it
 * @param transfer bringing encoder states into the decoder
 * @param decode writing; 0 until the answer is complete
 */
public record Timings(long queue, long fetch, long vision, long encode, long transfer, long decode) {

    /** Of a request whose prompt was not looked at yet. */
    public static Timings before(Duration queued, Duration fetched) {
        return new Timings(micros(queued), micros(fetched), 0, 0, 0, 0);
    }

    /** Of one step after another. */
    public Timings plus(Timings other) {
        return new Timings(
                queue + other.queue,
                fetch + other.fetch,
                vision + other.vision,
                encode + other.encode,
                transfer + other.transfer,
                decode + other.decode);
    }

    /** Of steps that ran side by side: the longest of each. */
    public Timings max(Timings other) {
        return new Timings(
                Math.max(queue, other.queue),
                Math.max(fetch, other.fetch),
                Math.max(vision, other.vision),
                Math.max(encode, other.encode),
                Math.max(transfer, other.transfer),
                Math.max(decode, other.decode));
    }

    private static long micros(Duration time) {
        return TimeUnit.NANOSECONDS.toMicros(time.toNanos());
    }
}
