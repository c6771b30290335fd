package io.tandem.gateway.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fake.Eventually;
import io.tandem.gateway.pipeline.RequestScope;
import io.tandem.gateway.pipeline.RequestScopes;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checked address is asked for the host that the URL names, and must prove that it is that host. */
class TlsFetchTest {

    private static final String PASSWORD = "for-this-test";

    @TempDir
    Path folder;

    private final List<String> namesAskedFor = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    @Test
    void hostIsAskedForByNameAndNotBelievedWithoutACertificate() throws Exception {
        Vertx vertx = Vertx.vertx();
        InetAddress local = InetAddress.ofLiteral("127.0.0.1");
        try (SSLServerSocket server = server(local);
                RequestScopes scopes = new RequestScopes(Duration.ofMinutes(1));
                RequestScope scope = scopes.open()) {
            Thread.ofVirtual().start(() -> serve(server));
            FetchLimits limits = new FetchLimits(
                    List.of(),
                    Set.of(server.getLocalPort()),
                    1000,
                    1000,
                    0,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    1,
                    1);
            try (PictureFetcher fetcher = new PictureFetcher(vertx, limits, host -> List.of(local), address -> true)) {
                String url = "https://pictures.test:%d/a.png".formatted(server.getLocalPort());
                TandemException refusal = assertThrows(
                        TandemException.class,
                        () -> fetcher.fetch(List.of(new RemotePicture(url, "images[0]")), scope));
                assertEquals(ErrorCode.INVALID_IMAGE_URL, refusal.code());
                assertEquals(
                        "images[0] could not be fetched: its host did not answer, or broke off.", refusal.getMessage());
            }
            Eventually.check("the name is asked for", () -> namesAskedFor.contains("pictures.test"));
            assertTrue(requests.isEmpty(), "nothing is sent to a host that nobody vouches for");
        } finally {
            vertx.close();
        }
    }

    private void serve(SSLServerSocket server) {
        try (SSLSocket client = (SSLSocket) server.accept()) {
            client.startHandshake();
            byte[] request = new byte[1000];
            int length = client.getInputStream().read(request);
            if (length > 0) {
                requests.add(new String(request, 0, length, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException refused) {
            // As it should be: the client does not know who signed the certificate.
        }
    }

    private SSLServerSocket server(InetAddress address) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(selfSigned(), PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket server =
                (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 1, address);
        SSLParameters parameters = server.getSSLParameters();
        parameters.setSNIMatchers(List.of(new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
            @Override
            public boolean matches(SNIServerName name) {
                namesAskedFor.add(new String(name.getEncoded(), StandardCharsets.US_ASCII));
                return true;
            }
        }));
        server.setSSLParameters(parameters);
        return server;
    }

    private KeyStore selfSigned() throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "host",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=pictures.test",
                        "-ext",
                        "san=dns:pictures.test",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertEquals(0, keytool.waitFor(), "keytool");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }
}
