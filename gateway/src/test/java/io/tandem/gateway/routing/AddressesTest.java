package io.tandem.gateway.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    @TempDir
    Path folder;

    private final List<InetAddress> known = new ArrayList<>();

    @Test
    void plainAddressesAreTakenAsTheyAre() {
        assertEquals(
                Set.of("decoder-1:9000", "10.0.0.7:9001"),
                addresses("decoder-1:9000", " 10.0.0.7:9001").now());
    }

    @Test
    void nameIsResolvedAgainEachTime() throws UnknownHostException {
        Addresses addresses = addresses("dns:decoders:9000");
        known.add(InetAddress.getByName("10.0.0.1"));
        assertEquals(Set.of("10.0.0.1:9000"), addresses.now());
        known.add(InetAddress.getByName("10.0.0.2"));
        known.add(InetAddress.getByName("fd00::1"));
        assertEquals(Set.of("10.0.0.1:9000", "10.0.0.2:9000", "[fd00:0:0:0:0:0:0:1]:9000"), addresses.now());
        known.removeFirst();
        known.removeLast();
        assertEquals(Set.of("10.0.0.2:9000"), addresses.now());
    }

    @Test
    void nameThatCannotBeResolvedKeepsItsAddresses() throws UnknownHostException {
        Addresses addresses = addresses("dns:decoders:9000");
        assertEquals(Set.of(), addresses.now(), "not known yet");
        known.add(InetAddress.getByName("10.0.0.1"));
        assertEquals(Set.of("10.0.0.1:9000"), addresses.now());
        known.clear();
        assertEquals(Set.of("10.0.0.1:9000"), addresses.now(), "who is away is found out by health checks");
    }

    @Test
    void fileIsReadAgainEachTime() throws IOException {
        Path file = folder.resolve("decoders");
        Addresses addresses = addresses("file:" + file, "10.0.0.7:9000");
        assertEquals(Set.of("10.0.0.7:9000"), addresses.now(), "not written yet");
        Files.writeString(file, "# decoders\n127.0.0.1:9001\n\n 127.0.0.1:9002 \n");
        assertEquals(Set.of("127.0.0.1:9001", "127.0.0.1:9002", "10.0.0.7:9000"), addresses.now());
        Files.writeString(file, "127.0.0.1:9002\n");
        assertEquals(Set.of("127.0.0.1:9002", "10.0.0.7:9000"), addresses.now());
        Files.writeString(file, "127.0.0.1:9003\nnonsense\n");
        assertEquals(Set.of("127.0.0.1:9002", "10.0.0.7:9000"), addresses.now(), "a malformed file changes nothing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"decoder", "decoder:", "decoder:port", "decoder:70000", "dns:decoders", ":9000"})
    void entryThatIsNoAddressIsNamed(String entry) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> addresses(entry));
        assertTrue(
                refused.getMessage().startsWith("tandem.gateway.decoders has \"" + entry + "\""), refused.getMessage());
    }

    private Addresses addresses(String... entries) {
        return Addresses.of("tandem.gateway.decoders", List.of(entries), name -> {
            assertEquals("decoders", name);
            if (known.isEmpty()) {
                throw new UnknownHostException(name);
            }
            return List.copyOf(known);
        });
    }
}
