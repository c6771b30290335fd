/** Text out of documents of any sender: in processes of their own, under bounds, and told apart by content. */
package io.tandem.gateway.extraction;
