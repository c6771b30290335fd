package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tandem.hub.ModelSource.Repository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Fetches from a local hub as the launcher would, and keeps what happened. Waits take no time. Owned by one test. */
final class Client implements DownloadListener {

    static final String NAME = "tandem/tiny-model";

    final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());

    private final URI endpoint;
    private final Path cache;
    private String token;
    private boolean offline;
    private boolean symlinks = true;
    private Duration timeout = Duration.ofSeconds(20);
    private long free = Long.MAX_VALUE;
    private Map<String, String> environment = Map.of();

    Client(URI endpoint, Path cache) {
        this.endpoint = endpoint;
        this.cache = cache;
    }

    Client token(String secret) {
        token = secret;
        return this;
    }

    Client offline() {
        offline = true;
        return this;
    }

    Client withoutSymlinks() {
        symlinks = false;
        return this;
    }

    Client timeout(Duration patience) {
        timeout = patience;
        return this;
    }

    /** Takes the variables that name proxies from here; otherwise there are none. */
    Client environment(Map<String, String> variables) {
        environment = variables;
        return this;
    }

    Client free(long bytes) {
        free = bytes;
        return this;
    }

    Path fetch() {
        return fetch("main");
    }

    Path fetch(String revision) {
        return fetch(new Repository(NAME, revision), folder -> {});
    }

    Path fetch(Repository repository, Consumer<Path> check) {
        HubConfig config = new HubConfig(
                endpoint,
                cache,
                Optional.ofNullable(token).map(secret -> HubToken.of(secret, "HF_TOKEN")),
                offline,
                symlinks,
                timeout,
                Proxies.of(environment));
        return new Hub(config, this, waits::add, folder -> free).fetch(repository, check);
    }

    /** Fetches what must be refused, and returns what is said about it. */
    String refusal() {
        return refusal("main");
    }

    String refusal(String revision) {
        return assertThrows(HubException.class, () -> fetch(revision)).getMessage();
    }

    @Override
    public void planned(int files, long bytes) {
        lines.add("planned " + files + " files");
    }

    @Override
    public void started(RemoteFile file, long already) {
        lines.add("started " + file.name() + " at " + already);
    }

    @Override
    public void received(long bytes) {
        if (bytes < 0) {
            lines.add("restarted");
        }
    }

    @Override
    public void finished(RemoteFile file) {
        lines.add("finished " + file.name());
    }

    @Override
    public void note(String line) {
        lines.add(line);
    }
}
