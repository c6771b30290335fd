package io.tandem.bench.capacity;

import io.tandem.bench.capacity.EncoderMemories.Found;
import io.tandem.routing.LoadBound;
import io.tandem.routing.Rendezvous;
import io.tandem.routing.Scores;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets a trace happen in an installation, event by event: gateway, encoders with single flight, cache, decoders with residency, loads and
 * continuous batching. Decoders are chosen by the gateway's own policy ({@link Rendezvous}). Left out: admission at the gateway, pictures,
 * failures, pages of answers (preemption), and that loads and steps of a decoder share its cores beyond what the measured times say.
 * The same scenario gives the same result. Mutable; used once, by one thread.
 */
public final class Simulation {

    private final Agenda agenda = new Agenda();
    private final Tally tally = new Tally();
    private final Scenario scenario;
    private final Trace trace;
    private final LoadBound bound;
    private final StateCache cache;
    private final List<SimulatedEncoder> encoders = new ArrayList<>();
    private final Fleet fleet;
    private final Optional<Autoscaler> autoscaler;

    private final int warmUp;
    private int begun;
    private int answered;
    private double countedFrom;
    private Fleet.Work before = new Fleet.Work(0, 0, 0);

    private Simulation(Scenario scenario, Trace trace) {
        this.scenario = scenario;
        this.trace = trace;
        Scenario.Cache states = scenario.cache();
        bound = new LoadBound(
                scenario.routing().loadFactor(), scenario.routing().freeLoad());
        cache = new StateCache(states.bytes(), states.bytesPerToken());
        if (states.prepared()) {
            trace.documents().forEach(cache::put);
        }
        for (int i = 0; i < scenario.encoders().count(); i++) {
            long hash = Scores.hash(("encoder-" + i).getBytes(StandardCharsets.UTF_8));
            encoders.add(new SimulatedEncoder(hash, agenda, scenario.encoders().tokensPerSecond()));
        }
        fleet = new Fleet(
                agenda,
                scenario.decoders(),
                scenario.startUpSeconds(),
                hash -> new SimulatedDecoder(hash, agenda, scenario.decoders(), this::require));
        autoscaler = Optional.of(scenario.scaling())
                .filter(Scenario.Scaling::enabled)
                .map(rule -> new Autoscaler(rule, agenda, fleet));
        warmUp = (int) (scenario.workload().warmUp() * trace.requests().size());
    }

    /**
     * Runs to the last answer.
     *
     * @throws IllegalArgumentException if a setting is out of range; the message names it
     */
    public static Result run(Scenario scenario, Trace trace) {
        return new Simulation(scenario, trace).run();
    }

    private Result run() {
        for (Scenario.Change change : scenario.changes()) {
            agenda.at(change.atSeconds(), () -> {
                if (change.decoders() > 0) {
                    fleet.join(change.decoders());
                } else {
                    fleet.leave(-change.decoders());
                }
            });
        }
        autoscaler.ifPresent(Autoscaler::start);
        for (int i = 0;
                i < Math.max(1, trace.clients()) && begun + i < trace.requests().size();
                i++) {
            if (trace.clients() == 0) {
                awaitNext();
            } else {
                agenda.after(0, this::begin);
            }
        }
        while (answered < trace.requests().size()) {
            if (!agenda.runNext()) {
                throw new IllegalStateException(
                        answered + " of " + trace.requests().size() + " requests were answered");
            }
        }
        return result();
    }

    private Result result() {
        double elapsed = agenda.now() - countedFrom;
        Fleet.Work work = fleet.work().since(before);
        Result.Use use = new Result.Use(
                work.served() / elapsed,
                work.busy() / work.served(),
                work.rows() / (work.served() * scenario.decoders().places()),
                work.busy() == 0 ? 0 : work.rows() / work.busy());
        double encoderBusy =
                encoders.stream().mapToDouble(SimulatedEncoder::busySeconds).sum() / (agenda.now() * encoders.size());
        return tally.result(use, encoderBusy, fleet.sizes());
    }

    private void awaitNext() {
        if (begun < trace.requests().size()) {
            agenda.at(trace.requests().get(begun).arrival(), () -> {
                begin();
                awaitNext();
            });
        }
    }

    private void begin() {
        if (begun == trace.requests().size()) {
            return;
        }
        if (begun == warmUp) {
            countedFrom = agenda.now();
            before = fleet.work();
        }
        Request request = trace.requests().get(begun);
        Tally.Course course = tally.begin(request, begun >= warmUp, agenda.now());
        begun++;
        agenda.after(scenario.encoders().millis() / 1e3, () -> read(request, course));
    }

    private void read(Request request, Tally.Course course) {
        List<Segment> missing = new ArrayList<>();
        for (Segment segment : request.segments()) {
            if (cache.find(segment)) {
                tally.hit();
            } else {
                missing.add(segment);
            }
        }
        SimulatedEncoder encoder = encoderOf(request.document());
        int[] left = {missing.size()};
        for (Segment segment : missing) {
            encode(encoder, segment, () -> {
                if (--left[0] == 0) {
                    write(request, course);
                }
            });
        }
        if (missing.isEmpty()) {
            write(request, course);
        }
    }

    /** For a decoder; what the cache has lost is encoded again. */
    private void require(Segment segment, Runnable whenThere) {
        if (cache.find(segment)) {
            whenThere.run();
        } else {
            encode(encoderOf(segment), segment, whenThere);
        }
    }

    private void encode(SimulatedEncoder encoder, Segment segment, Runnable whenDone) {
        boolean first = encoder.encode(segment, () -> {
            cache.put(segment);
            whenDone.run();
        });
        if (first) {
            tally.encoded(segment);
        } else {
            tally.joined();
        }
    }

    private SimulatedEncoder encoderOf(Segment segment) {
        return Rendezvous.choose(segment.hash(), encoders, LoadBound.NONE).orElseThrow();
    }

    private void write(Request request, Tally.Course course) {
        SimulatedDecoder decoder = Rendezvous.choose(request.largest().hash(), fleet.serving(), bound)
                .orElseThrow();
        decoder.answer(request, new SimulatedDecoder.Listener() {
            @Override
            public void granted(List<Found> found) {
                tally.granted(course, found);
            }

            @Override
            public void started(double waited, double firstToken) {
                tally.started(course, waited, firstToken);
                autoscaler.ifPresent(scaler -> scaler.waited(waited));
            }

            @Override
            public void ended() {
                tally.ended(course, agenda.now());
                answered++;
                if (trace.clients() > 0) {
                    begin();
                }
            }
        });
    }
}
