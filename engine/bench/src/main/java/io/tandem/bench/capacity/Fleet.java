package io.tandem.bench.capacity;

import io.tandem.routing.Scores;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.ToIntFunction;

/**
 * The decoders that there are: some start, some serve, some finish what they have begun. Whoever joined last leaves first. Mutable; owned
 * by one {@link Simulation}.
 */
final class Fleet {

    private final Agenda agenda;
    private final Scenario.Decoders settings;
    private final double startUpSeconds;
    private final LongFunction<SimulatedDecoder> maker;
    private final List<SimulatedDecoder> serving = new ArrayList<>();
    private final List<SimulatedDecoder> left = new ArrayList<>();
    private final List<Result.Size> sizes = new ArrayList<>();
    private int made;
    private int starting;
    private double since;
    private double servedSeconds;

    /** @param maker makes one, given the hash of its name */
    Fleet(Agenda agenda, Scenario.Decoders settings, double startUpSeconds, LongFunction<SimulatedDecoder> maker) {
        this.agenda = agenda;
        this.settings = settings;
        this.startUpSeconds = startUpSeconds;
        this.maker = maker;
        serve(settings.count());
    }

    /** Those that get requests: one at least. */
    List<SimulatedDecoder> serving() {
        return serving;
    }

    /** Those that serve and those that are being started. */
    int ordered() {
        return serving.size() + starting;
    }

    /** Orders decoders, which serve after their start-up. */
    void join(int count) {
        starting += count;
        agenda.after(startUpSeconds, () -> {
            starting -= count;
            serve(count);
        });
    }

    /** Sends decoders away, but for the last. */
    void leave(int count) {
        int going = Math.min(count, serving.size() - 1);
        for (int i = 0; i < going; i++) {
            left.add(serving.removeLast());
        }
        note();
    }

    /** Sequences in the batches of all, also of those that have left. */
    int rows() {
        return sum(decoder -> decoder.batch().rows());
    }

    /** What all have done, and for how long they served, so far. */
    Work work() {
        return new Work(
                servedSeconds + serving.size() * (agenda.now() - since),
                all().stream().mapToDouble(one -> one.batch().busySeconds()).sum(),
                all().stream().mapToDouble(one -> one.batch().rowSeconds()).sum());
    }

    /** When there were how many that serve. */
    List<Result.Size> sizes() {
        return List.copyOf(sizes);
    }

    /**
     * Sums over all decoders.
     *
     * @param served seconds in which they served
     * @param busy seconds in which steps ran
     * @param rows seconds in which steps ran, times the sequences in them
     */
    record Work(double served, double busy, double rows) {
        Work since(Work before) {
            return new Work(served - before.served, busy - before.busy, rows - before.rows);
        }
    }

    private int sum(ToIntFunction<SimulatedDecoder> value) {
        return serving.stream().mapToInt(value).sum()
                + left.stream().mapToInt(value).sum();
    }

    private List<SimulatedDecoder> all() {
        List<SimulatedDecoder> all = new ArrayList<>(serving);
        all.addAll(left);
        return all;
    }

    private void serve(int count) {
        for (int i = 0; i < count; i++) {
            String name = made < settings.names().size() ? settings.names().get(made) : "decoder-" + made;
            serving.add(maker.apply(Scores.hash(name.getBytes(StandardCharsets.UTF_8))));
            made++;
        }
        note();
    }

    private void note() {
        int before = sizes.isEmpty() ? 0 : sizes.getLast().decoders();
        servedSeconds += before * (agenda.now() - since);
        since = agenda.now();
        sizes.add(new Result.Size(since, serving.size()));
    }
}
