package io.tandem.gateway.fetch;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.util.concurrent.Executor;

/**
 * What every fetch uses. Immutable; all parts are thread-safe.
 *
 * @param vertx measures time
 * @param client connects; keeps no connection, as one belongs to an address that was checked for one fetch
 * @param resolver finds addresses
 * @param policy says which of them are allowed
 * @param resolving runs the resolver
 */
record FetchTools(Vertx vertx, HttpClient client, NameResolver resolver, AddressPolicy policy, Executor resolving) {}
