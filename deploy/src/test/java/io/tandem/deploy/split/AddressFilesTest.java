package io.tandem.deploy.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressFilesTest {

    @Test
    void fileOfARoleNamesThoseThatBelongToIt() throws IOException {
        Path file;
        try (AddressFiles addresses = AddressFiles.create()) {
            String setting = addresses.setting(Role.DECODER);
            assertEquals("file:", setting.substring(0, 5), "as the gateway reads it");
            file = Path.of(setting.substring(5));
            assertEquals(List.of(), Files.readAllLines(file), "there from the start");
            addresses.add(Role.DECODER, "127.0.0.1:9001");
            addresses.add(Role.DECODER, "127.0.0.1:9002");
            addresses.add(Role.DECODER, "127.0.0.1:9002");
            addresses.add(Role.ENCODER, "127.0.0.1:9003");
            addresses.add(Role.GATEWAY, "127.0.0.1:8080");
            assertEquals(List.of("127.0.0.1:9001", "127.0.0.1:9002"), Files.readAllLines(file));
            addresses.remove(Role.DECODER, "127.0.0.1:9001");
            assertEquals(List.of("127.0.0.1:9002"), Files.readAllLines(file));
        }
        assertFalse(Files.exists(file.getParent()), "nothing is left behind");
    }
}
