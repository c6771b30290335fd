package io.tandem.gateway.routing;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Where the instances of a role listen, as its setting says: each entry is {@code host:port}, {@code dns:NAME:PORT} for every address of
 * a name, or {@code file:PATH} for the lines of a file. Not thread-safe: it belongs to the {@link Discovery}.
 */
final class Addresses {

    private final List<AddressSource> sources;

    private Addresses(List<AddressSource> sources) {
        this.sources = sources;
    }

    /**
     * Understands a setting.
     *
     * @param setting its name, for messages
     * @throws IllegalArgumentException naming the entry that is none
     */
    static Addresses of(String setting, List<String> entries, NameLookup lookup) {
        return new Addresses(entries.stream()
                .map(String::strip)
                .map(entry -> AddressSource.of(setting, entry, lookup))
                .toList());
    }

    /** All addresses now, each {@code host:port}; a source that can't be asked is taken to say what it said last. */
    Set<String> now() {
        Set<String> addresses = new LinkedHashSet<>();
        sources.forEach(source -> addresses.addAll(source.now()));
        return addresses;
    }
}
