/** Work that outlives a connection, as messages over AMQP 1.0: a broker of our own or any other, and channels on it. */
package io.tandem.messaging;
