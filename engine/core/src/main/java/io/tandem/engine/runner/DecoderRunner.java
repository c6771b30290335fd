package io.tandem.engine.runner;

import java.util.List;

/**
 * Writes: holds encoder memories and decoder pages, and runs steps over any mix of sequences.
 *
 * <p>Steps, sequences and pages belong to one thread; memories may be filled by others meanwhile.
 */
public interface DecoderRunner extends AutoCloseable {

    /** Values of an encoder state. */
    int hiddenSize();

    /** Logits a token has. */
    int vocabularySize();

    /** Longest output with its {@code <bos>} and prefix, config key {@code max_position_embeddings}. */
    int maxTokens();

    /** Token that every output starts from. */
    int startToken();

    /** Bytes that the memory of one encoder token takes in a form. */
    long memoryBytesPerToken(MemoryForm form);

    /** An empty memory for a segment of {@code tokens} encoder tokens. */
    EncoderMemory memory(int tokens, MemoryForm form);

    /** An empty memory for keys and values. */
    default EncoderMemory memory(int tokens) {
        return memory(tokens, MemoryForm.PROJECTED);
    }

    /** A sequence that attends to these memories of any form, in this order; all of them complete before its first step. */
    DecoderSequence sequence(List<EncoderMemory> memories);

    /** An empty step. */
    DecoderStep newStep();

    /** Runs a step: stores the tokens' keys and values, and computes the logits after each entry's last token. */
    void run(DecoderStep step);

    /** Free and all pages, for admission and metrics. */
    PageUsage pages();

    /**
     * The page pool's own integrity check.
     *
     * @throws IllegalStateException if a page is both free and taken, or neither
     */
    void verifyPages();

    @Override
    void close();
}
