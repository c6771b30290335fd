package io.tandem.decoder.scheduling;

import io.tandem.contract.TandemException;
import io.tandem.engine.beams.Hypothesis;
import java.util.List;

/** How a generation ended. Immutable. */
public sealed interface Outcome {

    /** A stop token was chosen: it is the output's last. */
    record Stopped() implements Outcome {}

    /** The output has all the tokens that it may have. */
    record LengthReached() implements Outcome {}

    /** A search is over; these are its answers, best first. */
    record Found(List<Hypothesis> answers) implements Outcome {}

    /** The request let go of it. */
    record Left() implements Outcome {}

    /** It could not go on. */
    record Failed(TandemException reason) implements Outcome {}
}
