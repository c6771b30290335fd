/**
 * Text in and out of the model: chat template, prompt expansion, tokenizer, incremental detokenizer, stop strings.
 *
 * <p>A prompt goes {@link io.tandem.engine.text.ChatTemplate}, {@link io.tandem.engine.text.PromptExpansion},
 * {@link io.tandem.engine.text.Tokenizer}; an answer comes {@link io.tandem.engine.text.IncrementalDetokenizer},
 * {@link io.tandem.engine.text.StopStrings}.
 */
package io.tandem.engine.text;
