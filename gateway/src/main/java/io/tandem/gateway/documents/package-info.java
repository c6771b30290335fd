/** Files as documents of a conversation: text, windows, states made in the background, and what a chat attaches. */
package io.tandem.gateway.documents;
