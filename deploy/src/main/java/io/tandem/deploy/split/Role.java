package io.tandem.deploy.split;

import java.util.Locale;

/** What a process of the split mode does. In the order in which they are started. */
enum Role {
    CACHE("cache/server"),
    BROKER("messaging"),
    VISION("vision-service"),
    ENCODER("encoder-service"),
    DECODER("decoder-service"),
    GATEWAY("gateway");

    private final String module;

    Role(String module) {
        this.module = module;
    }

    /** Its name for people. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Folder of its module. */
    String module() {
        return module;
    }

    /** Whether the gateway finds its instances by a list of addresses. */
    boolean isService() {
        return switch (this) {
            case VISION, ENCODER, DECODER -> true;
            case CACHE, BROKER, GATEWAY -> false;
        };
    }
}
