package io.tandem.bench.capacity;

import java.util.Arrays;
import java.util.List;

/**
 * What came of a simulation, after its warm-up. Immutable.
 *
 * @param answered requests
 * @param pace at which answers came
 * @param segments how decoders found documents and questions
 * @param tokens the encoder tokens of those
 * @param documents how decoders found documents
 * @param reading what encoders did
 * @param waits times of requests
 * @param use of the decoders
 * @param sizes when how many decoders served, from the beginning
 * @param slices the run in parts of equal length
 */
public record Result(
        int answered,
        Pace pace,
        Hits segments,
        Hits tokens,
        Hits documents,
        Reading reading,
        Waits waits,
        Use use,
        List<Size> sizes,
        List<Slice> slices) {

    /**
     * At which answers came, also those to requests of the warm-up that came after it.
     *
     * @param seconds from the end of the warm-up to the last answer
     * @param requests answered a second
     * @param tokens a second
     */
    public record Pace(double seconds, double requests, double tokens) {}

    /** What decoders found complete, on its way, or not at all. */
    public record Hits(long resident, long loading, long absent) {

        /** Share of what was complete. */
        public double rate() {
            return resident / (double) Math.max(1, resident + loading + absent);
        }
    }

    /**
     * What encoders did, warm-up included.
     *
     * @param hits segments whose states were in the cache
     * @param joined segments that were being encoded for somebody else
     * @param encoded segments that were encoded
     * @param encodedDocuments documents among them
     * @param distinctDocuments that were asked about
     * @param busy share of the time in which an encoder's model ran
     */
    public record Reading(
            long hits, long joined, long encoded, long encodedDocuments, long distinctDocuments, double busy) {

        /** 1 if nothing was read twice. */
        public double encodesPerDocument() {
            return encodedDocuments / (double) distinctDocuments;
        }

        /** Share of look-ups that found states. */
        public double hitRate() {
            return hits / (double) Math.max(1, hits + joined + encoded);
        }
    }

    /** Seconds. */
    public record Spread(double mean, double p50, double p99) {

        static Spread of(double[] values) {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            return new Spread(
                    Arrays.stream(sorted).average().orElse(0), percentile(sorted, 50), percentile(sorted, 99));
        }

        /** The smallest value that so many percent do not exceed. */
        private static double percentile(double[] sorted, int percent) {
            return sorted.length == 0 ? 0 : sorted[Math.ceilDiv(sorted.length * percent, 100) - 1];
        }
    }

    /**
     * Times of requests.
     *
     * @param queue for room and a place, without the transfer of states, as {@code tandem_decoder_queue_wait_seconds}
     * @param firstToken from arrival
     * @param answer from arrival to the last token
     */
    public record Waits(Spread queue, Spread firstToken, Spread answer) {}

    /**
     * Of decoders.
     *
     * @param decoders that served, on average
     * @param busy share of the time in which steps ran
     * @param places share of them that was taken
     * @param rows sequences in a step, on average over time
     */
    public record Use(double decoders, double busy, double places, double rows) {}

    /** From this time on so many decoders served. */
    public record Size(double atSeconds, int decoders) {}

    /**
     * A part of the run.
     *
     * @param fromSeconds its beginning
     * @param decoders that served at its end
     * @param arrivals in it
     * @param queue wait of those
     * @param resident share of their documents that were resident
     */
    public record Slice(double fromSeconds, int decoders, int arrivals, Spread queue, double resident) {}
}
