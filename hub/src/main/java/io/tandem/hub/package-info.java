/** Checkpoints from the Hugging Face hub: its protocol, and a cache on disk that is shared with huggingface_hub. */
package io.tandem.hub;
