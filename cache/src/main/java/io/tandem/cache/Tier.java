package io.tandem.cache;

/** One of the places in which the cache keeps states, as its metrics name it. Thread-safe. */
interface Tier {
    /** Such as {@code near} or {@code disk}; tells the tiers of one cache apart. */
    String tierName();

    /** What it holds now and what happened since it was opened. */
    TierStatistics tierStatistics();
}
