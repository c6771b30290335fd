package io.tandem.hub;

import java.util.Map;

/**
 * What a local hub does wrong, once, when a file's content is asked for.
 *
 * @param kind what
 * @param bytes after how many bytes, where that matters
 * @param status of the answer, where there is one instead of content
 * @param headers of the answer
 */
public record Fault(Kind kind, long bytes, int status, Map<String, String> headers) {

    /** Kinds of faults. */
    public enum Kind {
        /** Ends the connection in the middle. */
        CUT,
        /** Sends some bytes, then nothing more. */
        STALL,
        /** Answers with another status. */
        STATUS,
        /** Sends everything, whatever range was asked for. */
        IGNORE_RANGE,
        /** Answers 206 with another range than the one that was asked for. */
        WRONG_RANGE,
        /** Sends as many bytes, one of them wrong. */
        CORRUPT,
        /** Has less than it announced, and says so. */
        TOO_SHORT,
        /** Sends bytes after the end. */
        TOO_LONG
    }

    public static Fault cut(long bytes) {
        return new Fault(Kind.CUT, bytes, 200, Map.of());
    }

    public static Fault stall(long bytes) {
        return new Fault(Kind.STALL, bytes, 200, Map.of());
    }

    public static Fault of(Kind kind) {
        return new Fault(kind, 0, 200, Map.of());
    }

    /** @param headers names and values in turn */
    public static Fault status(int status, String... headers) {
        return new Fault(Kind.STATUS, 0, status, headers.length == 0 ? Map.of() : Map.of(headers[0], headers[1]));
    }
}
