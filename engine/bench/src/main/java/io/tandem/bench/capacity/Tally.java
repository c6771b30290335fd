package io.tandem.bench.capacity;

import io.tandem.bench.capacity.EncoderMemories.Found;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** Counts what happens in a simulation. Mutable; owned by one {@link Simulation}. */
final class Tally {

    private static final int SLICES = 12;

    private final Map<Found, Long> segments = new EnumMap<>(Found.class);
    private final Map<Found, Long> segmentTokens = new EnumMap<>(Found.class);
    private final Map<Found, Long> documents = new EnumMap<>(Found.class);
    private final List<Course> courses = new ArrayList<>();
    private final Set<Segment> asked = new HashSet<>();
    private long hits;
    private long joined;
    private long encoded;
    private long encodedDocuments;
    private double countedFrom = Double.POSITIVE_INFINITY;
    private double lastEnd;
    private int answers;
    private long tokens;

    /** How one request fared. Filled as it goes on. */
    static final class Course {
        private final Request request;
        private final boolean counts;
        private final double arrival;
        private Found document;
        private double waited;
        private double firstToken;
        private double end;

        private Course(Request request, boolean counts, double arrival) {
            this.request = request;
            this.counts = counts;
            this.arrival = arrival;
        }
    }

    /** @param counts whether figures know of it: not those of the warm-up */
    Course begin(Request request, boolean counts, double now) {
        asked.add(request.document());
        Course course = new Course(request, counts, now);
        if (counts) {
            countedFrom = Math.min(countedFrom, now);
            courses.add(course);
        }
        return course;
    }

    /** A segment's states were in the cache. */
    void hit() {
        hits++;
    }

    /** A segment was being encoded for somebody else. */
    void joined() {
        joined++;
    }

    /** A segment was encoded. */
    void encoded(Segment segment) {
        encoded++;
        encodedDocuments += asked.contains(segment) ? 1 : 0;
    }

    /** A decoder had room for a request. */
    void granted(Course course, List<Found> found) {
        course.document = found.getFirst();
        if (course.counts) {
            documents.merge(course.document, 1L, Long::sum);
            for (int i = 0; i < found.size(); i++) {
                long size = course.request.segments().get(i).tokens();
                segments.merge(found.get(i), 1L, Long::sum);
                segmentTokens.merge(found.get(i), size, Long::sum);
            }
        }
    }

    /** A request got a place. */
    void started(Course course, double waited, double firstToken) {
        course.waited = waited;
        course.firstToken = firstToken;
    }

    /** A request was answered. */
    void ended(Course course, double now) {
        course.end = now;
        lastEnd = now;
        if (now >= countedFrom) {
            answers++;
            tokens += course.request.answerTokens();
        }
    }

    /** @param encoderBusy share of the time in which an encoder's model ran */
    Result result(Result.Use use, double encoderBusy, List<Result.Size> sizes) {
        double seconds = lastEnd - countedFrom;
        return new Result(
                courses.size(),
                new Result.Pace(seconds, answers / seconds, tokens / seconds),
                hits(segments),
                hits(segmentTokens),
                hits(documents),
                new Result.Reading(hits, joined, encoded, encodedDocuments, asked.size(), encoderBusy),
                new Result.Waits(
                        spread(courses, one -> one.waited),
                        spread(courses, one -> one.firstToken - one.arrival),
                        spread(courses, one -> one.end - one.arrival)),
                use,
                sizes,
                slices(sizes));
    }

    private List<Result.Slice> slices(List<Result.Size> sizes) {
        double first = countedFrom;
        double length = (courses.getLast().arrival - first) / SLICES;
        List<List<Course>> parts = new ArrayList<>();
        for (int i = 0; i < SLICES; i++) {
            parts.add(new ArrayList<>());
        }
        for (Course course : courses) {
            int slice = length == 0 ? 0 : (int) ((course.arrival - first) / length);
            parts.get(Math.min(slice, SLICES - 1)).add(course);
        }
        List<Result.Slice> slices = new ArrayList<>();
        for (int i = 0; i < SLICES; i++) {
            double end = first + (i + 1) * length;
            List<Course> part = parts.get(i);
            long resident =
                    part.stream().filter(one -> one.document == Found.RESIDENT).count();
            slices.add(new Result.Slice(
                    end - length,
                    sizes.stream()
                            .filter(size -> size.atSeconds() <= end)
                            .reduce((a, b) -> b)
                            .orElseThrow()
                            .decoders(),
                    part.size(),
                    spread(part, one -> one.waited),
                    resident / (double) Math.max(1, part.size())));
        }
        return slices;
    }

    private static Result.Spread spread(List<Course> courses, ToDoubleFunction<Course> seconds) {
        return Result.Spread.of(courses.stream().mapToDouble(seconds).toArray());
    }

    private static Result.Hits hits(Map<Found, Long> found) {
        return new Result.Hits(
                found.getOrDefault(Found.RESIDENT, 0L),
                found.getOrDefault(Found.LOADING, 0L),
                found.getOrDefault(Found.ABSENT, 0L));
    }
}
