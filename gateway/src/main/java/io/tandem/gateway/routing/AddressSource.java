package io.tandem.gateway.routing;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** One entry of a setting with addresses, and what it said last. Not thread-safe: it belongs to the {@link Discovery}. */
final class AddressSource {

    private static final Logger LOG = Logger.getLogger(AddressSource.class);

    private static final String DNS = "dns:";
    private static final String FILE = "file:";
    private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    private final String entry;
    private final Question question;
    private Set<String> last = Set.of();
    private boolean silent;

    /** Asks for the addresses of an entry. */
    private interface Question {
        Set<String> ask() throws IOException;
    }

    private AddressSource(String entry, Question question) {
        this.entry = entry;
        this.question = question;
    }

    static AddressSource of(String setting, String entry, NameLookup lookup) {
        if (entry.startsWith(DNS)) {
            Matcher address = require(setting, entry, entry.substring(DNS.length()));
            return new AddressSource(entry, () -> resolve(address.group(1), address.group(2), lookup));
        }
        if (entry.startsWith(FILE)) {
            Path file = Path.of(entry.substring(FILE.length()));
            return new AddressSource(entry, () -> read(entry, file));
        }
        require(setting, entry, entry);
        return new AddressSource(entry, () -> Set.of(entry));
    }

    /** What it says now, or what it said last if it can't be asked. */
    Set<String> now() {
        try {
            last = question.ask();
            silent = false;
        } catch (IOException | IllegalArgumentException failure) {
            // Once, as it is asked every second.
            if (!silent) {
                LOG.warnf("%s says no addresses (%s); %d are known from before", entry, failure, last.size());
            }
            silent = true;
        }
        return last;
    }

    private static Set<String> resolve(String name, String port, NameLookup lookup) throws IOException {
        Set<String> addresses = new TreeSet<>();
        for (InetAddress address : lookup.find(name)) {
            String host = address.getHostAddress();
            addresses.add((address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port);
        }
        return addresses;
    }

    private static Set<String> read(String entry, Path file) throws IOException {
        List<String> lines = Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        lines.forEach(line -> require(entry, line, line));
        return new TreeSet<>(lines);
    }

    private static Matcher require(String where, String entry, String text) {
        Matcher address = ADDRESS.matcher(text);
        if (!address.matches() || Integer.parseInt(address.group(2)) > MAX_PORT) {
            throw new IllegalArgumentException(
                    "%s has \"%s\", which is neither host:port nor dns:NAME:PORT nor file:PATH"
                            .formatted(where, entry));
        }
        return address;
    }
}
