/** From a request to segments of tokens: template, expansion of images, tokenizer, and the checks of lengths and ids. */
package io.tandem.encoder.prompt;
