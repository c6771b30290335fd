package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Downloads over a proxy, and which addresses go over which. */
class ProxyTest {

    /** "user:p@ss" */
    private static final String LOGIN = "Basic dXNlcjpwQHNz";

    @TempDir
    private Path cache;

    @Test
    void aCheckpointComesOverTheProxyHubAndStorageAlike() throws IOException {
        try (LocalHub hub = Checkpoints.single();
                LocalProxy proxy = new LocalProxy(null)) {
            Path folder = new Client(hub.endpoint(), cache)
                    .token("hf_secret")
                    .environment(Map.of("HTTP_PROXY", "http://127.0.0.1:" + proxy.port()))
                    .fetch();
            Checkpoints.assertSameContent(Checkpoints.SINGLE, folder);
            assertEquals(hub.requests().size(), proxy.asked("GET http://127.0.0.1:") + proxy.asked("HEAD "));
            assertTrue(hub.requests().size() > 5, hub.requests().toString());
        }
    }

    @Test
    void whatIsExemptIsAskedDirectly() {
        try (LocalHub hub = Checkpoints.single();
                LocalProxy proxy = new LocalProxy(null)) {
            new Client(hub.endpoint(), cache)
                    .environment(
                            Map.of("HTTP_PROXY", "127.0.0.1:" + proxy.port(), "NO_PROXY", "example.com, 127.0.0.1"))
                    .fetch();
            assertEquals(0, proxy.heads.size());
        }
    }

    @Test
    void theProxyLearnsWhoAsksWhereItsAddressSaysSo() {
        try (LocalHub hub = Checkpoints.single();
                LocalProxy proxy = new LocalProxy(LOGIN)) {
            String address = "127.0.0.1:" + proxy.port();
            String refusal = new Client(hub.endpoint(), cache)
                    .environment(Map.of("http_proxy", "http://user:wrong@" + address))
                    .refusal();
            assertTrue(refusal.contains("proxy " + address + " wants a user name and password"), refusal);
            assertFalse(refusal.contains("wrong"), refusal);
            assertEquals(0, hub.requests().size());
            new Client(hub.endpoint(), cache)
                    .environment(Map.of("http_proxy", "http://user:p%40ss@" + address))
                    .fetch();
            assertTrue(hub.requests().size() > 5);
        }
    }

    /** The proxy is told the name: nobody has to know an address for it here. And it never sees the token. */
    @Test
    void httpsGoesThroughATunnelWhosePasswordIsSent() {
        try (LocalProxy proxy = new LocalProxy(LOGIN)) {
            String refusal = new Client(URI.create("https://hub.invalid"), cache)
                    .token("hf_secret")
                    .timeout(Duration.ofSeconds(5))
                    .environment(Map.of("HTTPS_PROXY", "http://user:p%40ss@127.0.0.1:" + proxy.port()))
                    .refusal();
            assertTrue(refusal.contains("https://hub.invalid over the proxy 127.0.0.1:" + proxy.port()), refusal);
            assertTrue(proxy.asked("CONNECT hub.invalid:443") > 0, proxy.heads.toString());
            assertTrue(proxy.heads.getFirst().contains("Proxy-Authorization: " + LOGIN), proxy.heads.toString());
            assertFalse(proxy.heads.toString().contains("hf_secret"), proxy.heads.toString());
            String stranger = new Client(URI.create("https://hub.invalid"), cache)
                    .environment(Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port()))
                    .refusal();
            assertTrue(stranger.contains("wants a user name and password"), stranger);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://huggingface.co/x        | secure:3129 |
            http://huggingface.co/x         | plain:80    |
            https://huggingface.co/x        |             | *
            https://huggingface.co/x        |             | huggingface.co
            https://cdn.huggingface.co/x    |             | huggingface.co
            https://cdn.huggingface.co/x    |             | .huggingface.co
            https://cdn.huggingface.co/x    |             | *.huggingface.co
            https://HUGGINGFACE.co/x        |             | a.com,HuggingFace.co
            https://nothuggingface.co/x     | secure:3129 | huggingface.co
            https://huggingface.co/x        | secure:3129 | cdn.huggingface.co
            https://huggingface.co/x        |             | huggingface.co:443
            https://huggingface.co:8443/x   | secure:3129 | huggingface.co:443
            https://huggingface.co:8443/x   |             | huggingface.co:8443
            http://[::1]:9000/x             |             | [::1]
            http://10.1.2.3/x               |             | 10.1.2.3
            """)
    void exemptionsAreThoseOfCurl(URI uri, String gate, String exempt) {
        Proxies proxies = Proxies.of(Map.of(
                "HTTP_PROXY", "plain", "https_proxy", "http://secure:3129", "NO_PROXY", exempt == null ? "" : exempt));
        String[] parts = gate == null ? null : gate.split(":");
        Proxy expected = gate == null
                ? Proxy.NO_PROXY
                : new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(parts[0], Integer.parseInt(parts[1])));
        assertEquals(expected, proxies.select(uri).getFirst());
    }

    @Test
    void smallLettersComeBeforeCapitalsAndOneForAllComesLast() {
        assertEquals(" over the proxy b:80", way(Map.of("HTTPS_PROXY", "a", "https_proxy", "b")));
        assertEquals(" over the proxy c:1", way(Map.of("ALL_PROXY", "c:1", "http_proxy", "d")));
        assertEquals(" over the proxy a:80", way(Map.of("ALL_PROXY", "c:1", "HTTPS_PROXY", "a", "https_proxy", " ")));
        assertEquals("", way(Map.of()));
    }

    @Test
    void whatIsNoHttpProxyIsNamedWithoutItsPassword() {
        for (String address : new String[] {
            "socks5://user:secret@proxy:1080",
            "https://user:secret@proxy",
            "http://user:secret@",
            "http://user:sec ret@p"
        }) {
            String refusal = assertThrows(HubException.class, () -> way(Map.of("HTTPS_PROXY", address)))
                    .getMessage();
            assertTrue(refusal.startsWith("HTTPS_PROXY "), refusal);
            assertFalse(refusal.contains("secret") || refusal.contains("sec ret"), refusal);
        }
        Proxies forOthers = Proxies.of(Map.of("ALL_PROXY", "socks5://proxy", "NO_PROXY", "huggingface.co"));
        assertEquals("", forOthers.way(URI.create("https://huggingface.co")), "what is not needed is not looked at");
        HubConfig config = HubConfig.of(Map.of("HTTPS_PROXY", "http://user:secret@proxy", "HOME", "/h"));
        assertFalse(config.toString().contains("secret"), config.toString());
    }

    private static String way(Map<String, String> environment) {
        return Proxies.of(environment).way(URI.create("https://huggingface.co"));
    }
}
