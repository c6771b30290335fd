package io.tandem.routing;

/** Rendezvous hashing: content belongs to the instance with which it has the highest score. The same in every process. */
public final class Scores {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Scores() {}

    /** Of the name of a content or an instance: FNV-1a, mixed. */
    public static long hash(byte[] name) {
        long hash = FNV_OFFSET;
        for (byte part : name) {
            hash = (hash ^ (part & 0xff)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /** Of a content and an instance, given by their hashes. */
    static long score(long content, long instance) {
        return mix(content ^ instance);
    }

    /** The finalizer of SplitMix64: every bit of the input moves every bit of the result. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
