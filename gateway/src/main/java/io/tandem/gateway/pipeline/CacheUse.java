package io.tandem.gateway.pipeline;

/** How much of a prompt the cache held. */
public enum CacheUse {
    HIT,
    MISS,
    PARTIAL;

    /** What the counts of one or several prompts say. */
    public static CacheUse of(TokenCounts tokens) {
        if (tokens.cached() == 0) {
            return MISS;
        }
        return tokens.cached() == tokens.prompt() ? HIT : PARTIAL;
    }
}
