package io.tandem.routing;

/**
 * When an instance has so much to do that the next request about its content goes elsewhere.
 *
 * @param factor more than this many times the mean load
 * @param free fewer requests than this are never too many
 */
public record LoadBound(double factor, int free) {

    /** For roles that do equal work once, however many ask for it: elsewhere it would be done again. */
    public static final LoadBound NONE = new LoadBound(Double.POSITIVE_INFINITY, Integer.MAX_VALUE);

    public LoadBound {
        if (!(factor >= 1)) {
            throw new IllegalArgumentException("tandem.gateway.routing.load-factor is " + factor
                    + ", must be 1 or more: somebody has the mean load");
        }
    }

    /** The load from which on an instance is passed over. */
    double of(int load, int instances) {
        return Math.max(free, Math.ceil(factor * load / instances));
    }
}
