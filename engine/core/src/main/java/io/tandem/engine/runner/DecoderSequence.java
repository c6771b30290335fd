package io.tandem.engine.runner;

/**
 * One output that is being written: its place in the decoder's pages.
 *
 * <p>Used by the thread that runs the decoder's steps; closing it gives its pages back.
 */
public interface DecoderSequence extends AutoCloseable {

    /** Decoder tokens whose keys and values are stored. */
    int length();

    /**
     * Makes room for more tokens.
     *
     * @return false, with nothing taken, if there aren't enough free pages
     */
    boolean reserve(int tokens);

    /**
     * Another sequence that begins as this one does. They share the pages of what is stored; the last one, if there is room in it, is
     * copied for the first of them that goes on, when it {@linkplain #reserve makes room}.
     */
    DecoderSequence fork();

    /**
     * Forgets the last tokens, such as guesses that turned out wrong; their pages stay reserved.
     *
     * @param length tokens that remain, at most {@link #length()}
     */
    void truncate(int length);

    @Override
    void close();
}
