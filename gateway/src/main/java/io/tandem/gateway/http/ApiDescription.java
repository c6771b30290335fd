package io.tandem.gateway.http;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The OpenAPI document, as it is kept beside the code: {@value #RESOURCE}. Immutable. */
@Singleton
final class ApiDescription {

    private static final String RESOURCE = "/openapi.json";

    private final String json = read();

    /** The document. */
    String json() {
        return json;
    }

    private static String read() {
        try (InputStream document = ApiDescription.class.getResourceAsStream(RESOURCE)) {
            if (document == null) {
                throw new IllegalStateException("the gateway's jar has no " + RESOURCE);
            }
            return new String(document.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
