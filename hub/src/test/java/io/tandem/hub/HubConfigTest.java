package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubConfigTest {

    @TempDir
    private Path home;

    @Test
    void hasTheDefaultsOfHuggingfaceHub() {
        HubConfig config = HubConfig.of(Map.of("HOME", home.toString()));
        assertEquals(URI.create("https://huggingface.co"), config.endpoint());
        assertEquals(home.resolve(".cache/huggingface/hub"), config.cache());
        assertEquals(Optional.empty(), config.token());
        assertFalse(config.offline());
        assertTrue(config.symlinks());
        assertEquals(Duration.ofSeconds(30), config.timeout());
    }

    @Test
    void findsTheCacheAsHuggingfaceHubDoes() {
        assertEquals(Path.of("/x/huggingface/hub"), cache(Map.of("XDG_CACHE_HOME", "/x")));
        assertEquals(Path.of("/h/hub"), cache(Map.of("HF_HOME", "/h", "XDG_CACHE_HOME", "/x")));
        assertEquals(Path.of("/old"), cache(Map.of("HUGGINGFACE_HUB_CACHE", "/old", "HF_HOME", "/h")));
        assertEquals(Path.of("/new"), cache(Map.of("HF_HUB_CACHE", "/new", "HUGGINGFACE_HUB_CACHE", "/old")));
        assertEquals(home.resolve("models"), cache(Map.of("HF_HUB_CACHE", "~/models", "HOME", home.toString())));
        assertEquals(Path.of("/h/hub"), cache(Map.of("HF_HUB_CACHE", " ", "HF_HOME", "/h")));
    }

    @Test
    void findsTheToken() throws IOException {
        Path file = Files.writeString(home.resolve("token"), "hf_file\n");
        Path other = Files.writeString(home.resolve("other"), "hf_other");
        assertEquals("Bearer hf_file", authorization(Map.of("HF_HOME", home.toString())));
        assertEquals("Bearer hf_other", authorization(Map.of("HF_TOKEN_PATH", other.toString())));
        assertEquals(
                "Bearer hf_variable",
                authorization(Map.of("HF_TOKEN", " hf_variable\n", "HF_TOKEN_PATH", file.toString())));
        assertEquals(
                Optional.empty(),
                HubConfig.of(Map.of("HF_HOME", home.toString(), "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))
                        .token());
    }

    @Test
    void showsNoToken() {
        HubConfig config = HubConfig.of(Map.of("HF_TOKEN", "hf_secret", "HOME", home.toString()));
        assertFalse(config.toString().contains("secret"), config.toString());
        HubException refusal = assertThrows(HubException.class, () -> HubConfig.of(Map.of("HF_TOKEN", "hf_sec\nret")));
        assertTrue(
                refusal.getMessage().contains("HF_TOKEN")
                        && !refusal.getMessage().contains("hf_sec"),
                refusal.getMessage());
    }

    @Test
    void readsSwitchesAsHuggingfaceHubDoes() {
        assertTrue(config("HF_HUB_OFFLINE", "yes").offline());
        assertTrue(config("TRANSFORMERS_OFFLINE", "1").offline());
        assertFalse(config("HF_HUB_OFFLINE", "0").offline());
        assertFalse(config("HF_HUB_DISABLE_SYMLINKS", "1").symlinks());
        assertEquals(
                Duration.ofSeconds(5), config("HF_HUB_DOWNLOAD_TIMEOUT", "5").timeout());
        assertEquals(
                URI.create("https://mirror/hf"),
                config("HF_ENDPOINT", "https://mirror/hf/").endpoint());
    }

    @Test
    void namesTheVariableThatCantBeUsed() {
        for (String endpoint : new String[] {"mirror", "ftp://mirror", "http://", "https://a b", "https://m?x=1"}) {
            HubException refusal = assertThrows(HubException.class, () -> config("HF_ENDPOINT", endpoint));
            assertTrue(refusal.getMessage().contains("HF_ENDPOINT is " + endpoint), refusal.getMessage());
        }
        HubException user = assertThrows(HubException.class, () -> config("HF_ENDPOINT", "https://me:secret@mirror"));
        assertFalse(user.getMessage().contains("secret"), user.getMessage());
        assertThrows(HubException.class, () -> config("HF_HUB_DOWNLOAD_TIMEOUT", "0"));
        assertThrows(HubException.class, () -> config("HF_TOKEN_PATH", home.toString()));
    }

    private Path cache(Map<String, String> environment) {
        return HubConfig.of(environment).cache();
    }

    private HubConfig config(String name, String value) {
        return HubConfig.of(Map.of(name, value, "HOME", home.toString()));
    }

    private static String authorization(Map<String, String> environment) {
        return HubConfig.of(environment).token().orElseThrow().authorization();
    }
}
