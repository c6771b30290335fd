package io.tandem.gateway.batches;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Why a batch can't be worked on. Immutable.
 *
 * @param code OpenAI's, where it has one
 * @param message for people
 * @param param field of the line
 * @param line counted from 1; none when the whole file is at fault
 */
public record LineError(String code, String message, Optional<String> param, OptionalInt line) {

    static LineError ofFile(String code, String message) {
        return new LineError(code, message, Optional.empty(), OptionalInt.empty());
    }

    static LineError ofLine(int line, LineRefusal refusal) {
        return new LineError(
                refusal.code(), refusal.getMessage(), Optional.ofNullable(refusal.param()), OptionalInt.of(line));
    }
}
