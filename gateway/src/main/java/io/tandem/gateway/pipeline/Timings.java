package io.tandem.gateway.pipeline;

/**
 * Where a request's time went, in microseconds.
 *
 * @param queue waiting for a decoder's slot
 * @param vision in the vision-service, all pictures together, as the gateway saw it
 * @param encode in the encoder-service, as the gateway saw it
 * @param transfer bringing encoder states into the decoder
 * @param decode writing; 0 until the answer is complete
 */
public record Timings(long queue, long vision, long encode, long transfer, long decode) {

    /** Of steps that ran side by side: the longest of each. */
    public Timings max(Timings other) {
        return new Timings(
                Math.max(queue, other.queue),
                Math.max(vision, other.vision),
                Math.max(encode, other.encode),
                Math.max(transfer, other.transfer),
                Math.max(decode, other.decode));
    }
}
