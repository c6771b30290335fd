package io.tandem.gateway.files;

import java.util.Locale;
import java.util.Optional;

/**
 * How far a file has been read. Immutable.
 *
 * @param state what OpenAI's field {@code status} says
 * @param details why it can't be read
 * @param progress how much has been encoded
 */
public record FileStatus(State state, Optional<String> details, Progress progress) {

    /** Of a file that nobody has looked at yet. */
    public static final FileStatus NEW = new FileStatus(State.UPLOADED, Optional.empty(), Progress.NONE);

    /** OpenAI's states. */
    public enum State {
        UPLOADED,
        PROCESSED,
        ERROR;

        /** Its name in the API. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How much of a document has been encoded.
     *
     * @param tokens of all windows
     * @param windows that the document is cut into; 0 before that is known, and for files that are no documents
     * @param encoded windows whose states have been made
     */
    public record Progress(int tokens, int windows, int encoded) {

        /** Of a file that nobody has looked at yet. */
        public static final Progress NONE = new Progress(0, 0, 0);
    }

    /** Of a file that is being encoded. */
    public static FileStatus encoding(Progress progress) {
        return new FileStatus(State.UPLOADED, Optional.empty(), progress);
    }

    /** Of a file that is ready. */
    public static FileStatus processed(Progress progress) {
        return new FileStatus(State.PROCESSED, Optional.empty(), progress);
    }

    /** Of a file that can't be read. */
    public static FileStatus error(String reason) {
        return new FileStatus(State.ERROR, Optional.of(reason), Progress.NONE);
    }
}
