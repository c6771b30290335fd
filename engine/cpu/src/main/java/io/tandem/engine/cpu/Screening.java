package io.tandem.engine.cpu;

import java.util.Locale;

/** When the largest of many products is looked for with an int8 copy first; the answer is the same either way. */
enum Screening {

    /** Where it saves time: on matrices that no cache holds, for few rows. */
    AUTO,

    /** On every matrix and any number of rows that the kernels take, for tests and measurements. */
    ON,

    /** Never, which also saves the copy's memory. */
    OFF;

    /** System property that chooses: {@code auto} (default), {@code on} or {@code off}. */
    static final String PROPERTY = "tandem.cpu.argmax-screen";

    /** Values from which a matrix is read from memory at each product, whatever the machine's caches are. */
    private static final long UNCACHED = 16L << 20;

    /** Rows up to which reading fewer bytes saves time; with more, or with half the registers, the arithmetic takes it. */
    private static final int FEW_ROWS = Lanes.MANY_REGISTERS ? PackedRows.TILE : PackedRows.TILE / 2;

    static Screening configured() {
        String value = System.getProperty(PROPERTY, "auto");
        for (Screening screening : values()) {
            if (screening.name().toLowerCase(Locale.ROOT).equals(value)) {
                return screening;
            }
        }
        throw new IllegalArgumentException("%s is \"%s\"; it must be auto, on or off".formatted(PROPERTY, value));
    }

    /** Whether a matrix of so many values gets a copy. */
    boolean worthItsMemory(long values) {
        return switch (this) {
            case AUTO -> values >= UNCACHED;
            case ON -> true;
            case OFF -> false;
        };
    }

    /** Rows that are screened at once, at most. */
    int mostRows() {
        return switch (this) {
            case AUTO -> FEW_ROWS;
            case ON -> PackedRows.TILE;
            case OFF -> 0;
        };
    }
}
