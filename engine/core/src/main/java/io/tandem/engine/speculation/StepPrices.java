package io.tandem.engine.speculation;

/** What decoder steps cost by the rows they read, in steps of one row: what a guessed token adds to one. Immutable. */
public final class StepPrices {

    private final double[] prices; // [rows]

    private StepPrices(double... prices) {
        this.prices = prices;
    }

    /**
     * From times that were measured.
     *
     * @param times of steps of 1 row, 2 rows and so on, in any unit
     */
    public static StepPrices of(double... times) {
        double[] prices = new double[times.length];
        for (int i = 0; i < times.length; i++) {
            if (!(times[i] > 0 && times[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("a step of " + (1 + i) + " rows can't take " + times[i]);
            }
            prices[i] = times[i] / times[0];
        }
        return new StepPrices(prices);
    }

    /**
     * Where every row costs the same.
     *
     * @param rowPrice what a row more adds to a step, as a share of a step of one row
     * @param mostRows rows of a step at most, at least 1
     */
    public static StepPrices linear(double rowPrice, int mostRows) {
        double[] times = new double[mostRows];
        for (int i = 0; i < mostRows; i++) {
            times[i] = 1 + i * rowPrice;
        }
        return of(times);
    }

    /** Rows of a step that has a price, at most. */
    public int mostRows() {
        return prices.length;
    }

    /** The price of a step of so many rows, from 1 on. */
    public double step(int rows) {
        return prices[rows - 1];
    }
}
