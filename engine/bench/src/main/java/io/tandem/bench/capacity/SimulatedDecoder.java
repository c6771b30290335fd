package io.tandem.bench.capacity;

import io.tandem.bench.capacity.EncoderMemories.Found;
import io.tandem.routing.Candidate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A decoder-service: encoder memories, loaders that fill them, and a batch. Mutable; owned by one {@link Simulation}. */
final class SimulatedDecoder implements Candidate {

    private final long hash;
    private final Agenda agenda;
    private final Scenario.Decoders settings;
    private final States states;
    private final EncoderMemories memories;
    private final StepBatch batch;
    private final Deque<Load> loads = new ArrayDeque<>();
    private int loading;
    private int inFlight;

    /** Where states come from. */
    interface States {
        /** Calls back, at once or later, when a segment's states are in the cache; what was lost is encoded again. */
        void require(Segment segment, Runnable whenThere);
    }

    /** Hears how a request fares. */
    interface Listener {
        /** There is room for its segments. */
        void granted(List<Found> found);

        /**
         * It has a place in the batch.
         *
         * @param waited seconds from its arrival, without those of the transfer of states
         */
        void started(double waited, double firstToken);

        /** It is answered. */
        void ended();
    }

    SimulatedDecoder(long hash, Agenda agenda, Scenario.Decoders settings, States states) {
        this.hash = hash;
        this.agenda = agenda;
        this.settings = settings;
        this.states = states;
        this.memories = new EncoderMemories(settings.memoryBytes(), settings.bytesPerToken(), this::load);
        this.batch =
                new StepBatch(agenda, new StepTimes(settings.steps()), settings.places(), settings.sliceMillis() / 1e3);
    }

    @Override
    public long hash() {
        return hash;
    }

    @Override
    public int inFlight() {
        return inFlight;
    }

    /** Its batch, for figures. */
    StepBatch batch() {
        return batch;
    }

    /** Answers a request whose segments are in the cache. */
    void answer(Request request, Listener listener) {
        inFlight++;
        Answering answering = new Answering(request, listener);
        answering.lease = memories.lease(request.segments(), answering);
        answering.writeIfComplete();
    }

    private void load(Segment segment, Runnable whenLoaded) {
        states.require(segment, () -> {
            loads.add(new Load(segment, whenLoaded));
            beginLoads();
        });
    }

    /** Where loads and steps take turns on the cores, loads do so among themselves. */
    private void beginLoads() {
        int atOnce = settings.sliceMillis() > 0 ? 1 : settings.loaders();
        while (loading < atOnce && !loads.isEmpty()) {
            loading++;
            Load load = loads.remove();
            double computing = settings.loadMillisPerToken() * load.segment.tokens() * batch.stretch();
            batch.share(true);
            agenda.after((settings.loadMillis() + computing) / 1e3, () -> {
                loading--;
                load.whenLoaded.run();
                beginLoads();
                batch.share(loading > 0);
            });
        }
    }

    private record Load(Segment segment, Runnable whenLoaded) {}

    /** One request, from its lease to its last token. */
    private final class Answering implements EncoderMemories.Listener, StepBatch.Listener {
        private final Request request;
        private final Listener listener;
        private final double arrival = agenda.now();
        private double granted;
        private double complete;
        private boolean ready;
        private EncoderMemories.Lease lease;

        private Answering(Request request, Listener listener) {
            this.request = request;
            this.listener = listener;
        }

        @Override
        public void granted(List<Found> found) {
            granted = agenda.now();
            listener.granted(found);
        }

        @Override
        public void complete() {
            complete = agenda.now();
            ready = true;
            writeIfComplete();
        }

        /** What is resident is complete before the lease is known. */
        private void writeIfComplete() {
            if (ready && lease != null) {
                ready = false;
                batch.join((int) Math.ceil(request.answerTokens() / settings.tokensPerStep()), this);
            }
        }

        @Override
        public void started(double firstToken) {
            listener.started(granted - arrival + agenda.now() - complete, firstToken);
        }

        @Override
        public void ended() {
            inFlight--;
            memories.release(lease);
            listener.ended();
        }
    }
}
