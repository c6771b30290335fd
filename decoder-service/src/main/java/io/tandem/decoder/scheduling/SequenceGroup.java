package io.tandem.decoder.scheduling;

import io.tandem.engine.beams.BeamSearch;
import io.tandem.engine.runner.DecoderRunner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sequences that write one output, and that come and go together: a single one, or the beams of a search, each with its next token
 * in the same step.
 *
 * <p>Mutable; confined to the step thread.
 */
final class SequenceGroup {

    private final Generation generation;
    private final long arrival;
    private final int slots;
    private final Optional<BeamSearch> search;
    private List<Sequence> sequences;

    /** @param maxGuess guesses for one step at most; 0: nothing is guessed. Nor are tokens of beams. */
    SequenceGroup(Generation generation, long arrival, int startToken, int maxGuess) {
        this.generation = generation;
        this.arrival = arrival;
        GenerationRequest request = generation.request();
        this.slots = request.width();
        this.search =
                request.extras().beams().map(beams -> new BeamSearch(beams, request.maxTokens(), request.stopTokens()));
        this.sequences = List.of(new Sequence(generation, startToken, search.isPresent() ? 0 : maxGuess));
    }

    Generation generation() {
        return generation;
    }

    /** Its place in the order of requests: lower came earlier. */
    long arrival() {
        return arrival;
    }

    /** Places that it has in the batch, even while it has fewer sequences. */
    int slots() {
        return slots;
    }

    /** The search whose beams its sequences are, if it is one. */
    Optional<BeamSearch> search() {
        return search;
    }

    /** One, or one for each running beam, in their order. */
    List<Sequence> sequences() {
        return sequences;
    }

    /** Whether the next step gives it its next tokens. */
    boolean generating() {
        for (int i = 0; i < sequences.size(); i++) {
            if (sequences.get(i).unread() != 1) {
                return false;
            }
        }
        return true;
    }

    /** Tokens of a sequence that the next step may read: beams that have more to read wait for each other with their last ones. */
    int readable(Sequence sequence) {
        return sequences.size() == 1 || generating() ? sequence.unread() : sequence.unread() - 1;
    }

    void open(DecoderRunner runner) {
        sequences.forEach(sequence -> sequence.open(runner));
    }

    /** Gives all pages back; the tokens stay, to be read again. */
    void close() {
        sequences.forEach(Sequence::close);
    }

    /** After the search's advance: gives every running beam the sequence that it goes on from, or a fork of it where several do. */
    void goOn(BeamSearch advanced) {
        List<Sequence> next = new ArrayList<>();
        for (int beam = 0; beam < advanced.running(); beam++) {
            Sequence origin = sequences.get(advanced.origin(beam));
            next.add(next.contains(origin) ? origin.fork() : origin);
        }
        for (Sequence sequence : sequences) {
            if (!next.contains(sequence)) {
                sequence.close();
            }
        }
        // Last, as forks must not have it.
        for (int beam = 0; beam < next.size(); beam++) {
            next.get(beam).append(advanced.token(beam));
        }
        sequences = next;
    }
}
