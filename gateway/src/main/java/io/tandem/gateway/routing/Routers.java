package io.tandem.gateway.routing;

import java.util.List;

/**
 * The routers of all roles.
 *
 * @param vision for pictures
 * @param encoder for prompts, documents and texts
 * @param decoders for answers
 */
public record Routers(Router vision, Router encoder, Router decoders) {

    /** Every one of them. */
    public List<Router> all() {
        return List.of(vision, encoder, decoders);
    }
}
