package io.tandem.gateway.fetch;

/**
 * A picture that a request names by address.
 *
 * @param url as the client wrote it
 * @param field the request's field that holds it, for error messages
 */
public record RemotePicture(String url, String field) {}
