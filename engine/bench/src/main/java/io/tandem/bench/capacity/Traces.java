package io.tandem.bench.capacity;

import io.tandem.routing.Scores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Draws or reads what a workload asks. The same workload and seed give the same trace. Used once, by one thread. */
public final class Traces {

    private final Workload workload;
    /** One for each kind of draw, so that another answer length changes no arrival. */
    private final SplittableRandom arrivals;

    private final SplittableRandom popularity;
    private final SplittableRandom questions;
    private final SplittableRandom answers;
    private final List<Segment> documents = new ArrayList<>();
    private double[] cumulated = {};

    private Traces(Workload workload, long seed) {
        this.workload = workload;
        SplittableRandom random = new SplittableRandom(seed);
        arrivals = random.split();
        popularity = random.split();
        questions = random.split();
        answers = random.split();
    }

    /**
     * Everything that is asked.
     *
     * @throws IllegalArgumentException if a file can't be read or has a line that is wrong; the message names it
     */
    public static Trace of(Workload workload, long seed) {
        Traces traces = new Traces(workload, seed);
        traces.makeDocuments();
        return workload.hasArrivals() ? traces.read() : traces.draw();
    }

    private void makeDocuments() {
        List<double[]> lines = new ArrayList<>(); // [documents][weight, tokens]
        if (workload.hasPopularity()) {
            lines.addAll(table(workload.popularity(), 2, 2));
        } else {
            for (int i = 0; i < workload.documents(); i++) {
                lines.add(new double[] {1 / Math.pow(i + 1, workload.zipf()), workload.documentTokens()});
            }
        }
        cumulated = new double[lines.size()];
        double sum = 0;
        for (int i = 0; i < cumulated.length; i++) {
            sum += lines.get(i)[0];
            cumulated[i] = sum;
            documents.add(segment(i, "document-" + i, (int) lines.get(i)[1]));
        }
    }

    private Trace draw() {
        List<Request> requests = new ArrayList<>();
        double time = 0;
        for (int i = 0; i < workload.requests(); i++) {
            if (workload.clients() == 0) {
                time = nextArrival(time);
            }
            requests.add(new Request(time, drawDocument(), question(i), drawAnswer()));
        }
        return new Trace(requests, workload.clients());
    }

    /** Of a Poisson process whose rate changes: without memory, so the wait begins anew at each change. */
    private double nextArrival(double time) {
        double from = time;
        double rate = workload.rate();
        for (Workload.RateChange change : workload.rateChanges()) {
            if (change.atSeconds() > from) {
                double next = from + exponential(rate);
                if (next <= change.atSeconds()) {
                    return next;
                }
                from = change.atSeconds();
            }
            rate = change.rate();
        }
        return from + exponential(rate);
    }

    private double exponential(double rate) {
        return -Math.log1p(-arrivals.nextDouble()) / rate;
    }

    private Segment drawDocument() {
        double value = popularity.nextDouble() * cumulated[cumulated.length - 1];
        int found = Arrays.binarySearch(cumulated, value);
        return documents.get(Math.min(found < 0 ? -found - 1 : found + 1, documents.size() - 1));
    }

    private Segment question(int request) {
        int number = workload.questions() == 0 ? request : questions.nextInt(workload.questions());
        return segment(documents.size() + number, "question-" + number, workload.questionTokens());
    }

    private int drawAnswer() {
        return switch (workload.answerLengths()) {
            case FIXED -> (int) Math.round(workload.answerTokens());
            case GEOMETRIC ->
                workload.answerTokens() == 1
                        ? 1
                        : 1 + (int) (Math.log1p(-answers.nextDouble()) / Math.log1p(-1 / workload.answerTokens()));
        };
    }

    private Trace read() {
        List<Request> requests = new ArrayList<>();
        double last = 0;
        for (double[] line : table(workload.arrivals(), 1, 3)) {
            if (line[0] < last) {
                throw new IllegalArgumentException(
                        workload.arrivals() + ": a request at " + line[0] + " s follows one at " + last + " s");
            }
            last = line[0];
            if (line.length > 1 && !(line[1] >= 0 && line[1] < documents.size())) {
                throw new IllegalArgumentException("%s: document %.0f of %d, which count from 0"
                        .formatted(workload.arrivals(), line[1], documents.size()));
            }
            requests.add(new Request(
                    line[0],
                    line.length > 1 ? documents.get((int) line[1]) : drawDocument(),
                    question(requests.size()),
                    line.length > 2 ? (int) line[2] : drawAnswer()));
        }
        return new Trace(requests, workload.clients());
    }

    /** Lines of numbers; empty ones and those that begin with # are left out. */
    private static List<double[]> table(String file, int minimum, int maximum) {
        List<double[]> table = new ArrayList<>();
        for (String line : lines(file)) {
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                table.add(numbers(file, text, minimum, maximum));
            }
        }
        if (table.isEmpty()) {
            throw new IllegalArgumentException(file + " has no lines");
        }
        return table;
    }

    private static double[] numbers(String file, String line, int minimum, int maximum) {
        try {
            double[] numbers = Arrays.stream(line.split("\\s+"))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            if (numbers.length >= minimum && numbers.length <= maximum) {
                return numbers;
            }
        } catch (NumberFormatException wrong) {
            throw new IllegalArgumentException(file + ": \"" + line + "\" has something that is no number", wrong);
        }
        throw new IllegalArgumentException(
                "%s: \"%s\" must have %d to %d numbers".formatted(file, line, minimum, maximum));
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(file + " can't be read: " + unreadable, unreadable);
        }
    }

    private static Segment segment(int id, String name, int tokens) {
        return new Segment(id, Scores.hash(name.getBytes(StandardCharsets.UTF_8)), tokens);
    }
}
