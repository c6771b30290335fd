package io.tandem.bench.capacity;

import java.util.List;

/**
 * What is asked, to be drawn or read. Immutable.
 *
 * @param requests how many
 * @param warmUp share of them that no figure counts
 * @param rate requests a second of a Poisson process
 * @param rateChanges other rates from a time on
 * @param clients that wait for their answers, instead of a rate; 0 for none
 * @param arrivals file with a request a line: seconds, and as far as wanted the number of its document and its answer's tokens;
 *     instead of the above
 * @param documents how many there are
 * @param zipf exponent of their popularity; 0 for equal ones
 * @param documentTokens of each
 * @param popularity file with a document a line, weight and tokens; instead of the three above
 * @param questions different ones; 0 if each is asked once
 * @param questionTokens of each
 * @param answerTokens on average
 * @param answerLengths how they are distributed
 */
public record Workload(
        int requests,
        double warmUp,
        double rate,
        List<RateChange> rateChanges,
        int clients,
        String arrivals,
        int documents,
        double zipf,
        int documentTokens,
        String popularity,
        int questions,
        int questionTokens,
        double answerTokens,
        Lengths answerLengths) {

    /** From this time on there are so many requests a second. */
    public record RateChange(double atSeconds, double rate) {}

    /** How lengths vary. */
    public enum Lengths {
        /** All alike. */
        FIXED,
        /** Each token is the last one with the same probability. */
        GEOMETRIC
    }

    public Workload {
        rateChanges = List.copyOf(rateChanges);
        Scenario.require(requests >= 1, "workload.requests is " + requests + ", must be 1 or more");
        Scenario.require(warmUp >= 0 && warmUp < 1, "workload.warmUp is " + warmUp + ", must be from 0 to below 1");
        Scenario.require(
                clients > 0 || rate > 0 && rateChanges.stream().allMatch(change -> change.rate() > 0),
                "workload: without clients, rates must be above 0");
        Scenario.require(documents >= 1 && documentTokens >= 1, "workload: there must be documents, with tokens");
        Scenario.require(questions >= 0 && questionTokens >= 1, "workload: questions must have tokens");
        Scenario.require(answerTokens >= 1, "workload.answerTokens is " + answerTokens + ", must be 1 or more");
    }

    boolean hasArrivals() {
        return !arrivals.isEmpty();
    }

    boolean hasPopularity() {
        return !popularity.isEmpty();
    }
}
