package io.tandem.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SafetensorsHeaderTest {

    private static final Path FILE = Path.of("some.safetensors");

    @Test
    void readsEntries() {
        Map<String, SafetensorsEntry> entries = parse(
                "{'__metadata__':{'format':'pt'},'b':{'dtype':'F32','shape':[2,3],'data_offsets':[2,26]},"
                        + "'a':{'dtype':'BF16','shape':[],'data_offsets':[0,2]},"
                        + "'none':{'dtype':'I64','shape':[0,7],'data_offsets':[26,26]}}   ",
                26);
        assertEquals(3, entries.size());
        assertArrayEquals(new int[] {2, 3}, entries.get("b").shape());
        assertEquals(2, entries.get("b").begin());
        assertEquals(26, entries.get("b").end());
        assertEquals("BF16", entries.get("a").dtype());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | tensor a takes 4 bytes | 8 by its shape [2]",
                "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}} | bytes 0 to 16 | the file has 8",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | tensor a | 8 to 0",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}} | tensor a | data_offsets",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | tensor a | shape",
                "{'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}} | tensor a | 2.5",
                "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}} | tensor a | 9999999999",
                "{'a':{'dtype':'F32','shape':[2147483647,2147483647,2147483647],'data_offsets':[0,8]}} | a | too large",
                "{'a':{'dtype':'F32','shape':[4294967296],'data_offsets':[0,8]}} | tensor a | too large",
                "{'a':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,2],'data_offsets':[0,8]}} | tensor a | at most 8",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,8]}} | tensor a | at most 2",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}} | tensor a | pair of data_offsets",
                "{'a':{'dtype':'F32','shape':[2]}} | tensor a | data_offsets",
                "{'a':{'dtype':7,'shape':[2],'data_offsets':[0,8]}} | tensor a | dtype",
                "{'a':{'dtype':'F31','shape':[2],'data_offsets':[0,8]}} | tensor a | F31",
                "{'a':[]} | tensor a | object",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | data has 8 bytes | end at 4",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | tensor a begins at byte 4 | ends at 0",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],"
                        + "'data_offsets':[4,8]}} | tensor b begins at byte 4 | tensor a before it ends at 8",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],"
                        + "'data_offsets':[4,8]}} | Duplicate | 'a'",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]} | some.safetensors | JSON",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}{} | header | more text",
                "[] | header | object",
                "[[[ | header | object"
            })
    void refuses(String header, String first, String second) {
        CheckpointException refusal = assertThrows(CheckpointException.class, () -> parse(header, 8));
        assertTrue(refusal.getMessage().startsWith("some.safetensors: "), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(first), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(second), refusal.getMessage());
    }

    @Test
    void anyDamageIsNamedOrHarmless() {
        byte[] sound = ("{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                        + "'b':{'dtype':'BF16','shape':[2,2],'data_offsets':[8,16]}}")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(7);
        int refused = 0;
        for (int round = 0; round < 5000; round++) {
            byte[] damaged = sound.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            try {
                SafetensorsHeader.parse(FILE, damaged, 16).values().forEach(entry -> assertTrue(entry.end() <= 16));
            } catch (CheckpointException e) {
                refused++;
            }
        }
        assertTrue(refused > 4000, "refused " + refused);
    }

    private static Map<String, SafetensorsEntry> parse(String header, long dataBytes) {
        return SafetensorsHeader.parse(FILE, header.replace('\'', '"').getBytes(StandardCharsets.UTF_8), dataBytes);
    }
}
