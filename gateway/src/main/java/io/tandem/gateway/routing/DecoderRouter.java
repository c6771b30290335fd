package io.tandem.gateway.routing;

import com.google.protobuf.ByteString;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Chooses decoders: requests about the same content go to the same one, whose K/V are resident already, unless it is loaded far
 * above the mean. Rendezvous hashing, with the load bound of Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with
 * Bounded Loads" (2016). One for the process; thread-safe.
 */
public final class DecoderRouter {

    private final List<Decoder> decoders;
    private final double loadFactor;
    private final int freeLoad;

    /**
     * @param decoders all there are
     * @param loadFactor a decoder with more than this many times the mean load is passed over
     * @param freeLoad a decoder with fewer requests than this is never passed over
     */
    public DecoderRouter(List<Decoder> decoders, double loadFactor, int freeLoad) {
        this.decoders = List.copyOf(decoders);
        this.loadFactor = loadFactor;
        this.freeLoad = freeLoad;
    }

    /** All decoders, in the order of the configuration. */
    public List<Decoder> decoders() {
        return decoders;
    }

    /**
     * Chooses a decoder and counts the request as its own until the lease is closed.
     *
     * @param key content key of the largest segment
     * @param tried ids of decoders that must not be chosen
     * @throws TandemException UNAVAILABLE when none is left
     */
    public synchronized Lease lease(ByteString key, Set<String> tried) {
        List<Decoder> candidates = decoders.stream()
                .filter(decoder -> decoder.isAvailable() && !tried.contains(decoder.id()))
                .sorted(Comparator.comparingLong((Decoder decoder) -> score(key, decoder.id()))
                        .reversed())
                .toList();
        int load = candidates.stream().mapToInt(Decoder::inFlight).sum() + 1;
        double bound = Math.max(freeLoad, Math.ceil(loadFactor * load / Math.max(1, candidates.size())));
        return candidates.stream()
                .filter(decoder -> decoder.inFlight() < bound)
                .findFirst()
                .map(Lease::new)
                .orElseThrow(() -> new TandemException(
                        ErrorCode.UNAVAILABLE,
                        null,
                        "None of the %d decoders answers (%d tried); see tandem.gateway.decoders."
                                .formatted(decoders.size(), tried.size())));
    }

    /** FNV-1a over both, with the finalizer of SplitMix64 so that every bit of the input moves every bit of the score. */
    private static long score(ByteString key, String id) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < key.size(); i++) {
            hash = (hash ^ (key.byteAt(i) & 0xff)) * 0x100000001b3L;
        }
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }

    /** A request's hold on a decoder; closed by whoever took it, once. */
    public static final class Lease implements AutoCloseable {
        private final Decoder decoder;

        private Lease(Decoder decoder) {
            this.decoder = decoder;
            decoder.begin();
        }

        /** The chosen one. */
        public Decoder decoder() {
            return decoder;
        }

        @Override
        public void close() {
            decoder.end();
        }
    }
}
