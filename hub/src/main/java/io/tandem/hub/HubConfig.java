package io.tandem.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the hub and its cache are, from the environment variables that huggingface_hub reads.
 *
 * @param endpoint the hub, without a slash at the end
 * @param cache folder that holds {@code models--OWNER--NAME}
 * @param token what the user is known by
 * @param offline true to use only what the cache has
 * @param symlinks false to put files themselves into snapshots instead of links to them
 * @param timeout how long to wait for a connection, an answer, and the next bytes of it
 * @param proxies over which addresses are asked
 */
record HubConfig(
        URI endpoint,
        Path cache,
        Optional<HubToken> token,
        boolean offline,
        boolean symlinks,
        Duration timeout,
        Proxies proxies) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
    private static final String PUBLIC_HUB = "https://huggingface.co";

    /** Longer than huggingface_hub's 10 s: a start that fails for a slow network costs more than a start that waits. */
    private static final String TIMEOUT_SECONDS = "30";

    /**
     * Reads the variables as
     * <a href="https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables">documented</a>.
     *
     * @throws HubException naming the variable that can't be used
     */
    static HubConfig of(Map<String, String> environment) {
        Variables variables = new Variables(environment);
        Path home = variables.path("HF_HOME").orElseGet(() -> variables
                .path("XDG_CACHE_HOME")
                .orElseGet(() -> variables.home().resolve(".cache"))
                .resolve("huggingface"));
        Path cache = variables
                .path("HF_HUB_CACHE")
                .or(() -> variables.path("HUGGINGFACE_HUB_CACHE"))
                .orElseGet(() -> home.resolve("hub"));
        return new HubConfig(
                endpoint(variables.text("HF_ENDPOINT").orElse(PUBLIC_HUB)),
                cache.toAbsolutePath().normalize(),
                token(variables, variables.path("HF_TOKEN_PATH").orElseGet(() -> home.resolve("token"))),
                variables.isTrue("HF_HUB_OFFLINE") || variables.isTrue("TRANSFORMERS_OFFLINE"),
                !variables.isTrue("HF_HUB_DISABLE_SYMLINKS"),
                timeout(variables.text("HF_HUB_DOWNLOAD_TIMEOUT").orElse(TIMEOUT_SECONDS)),
                Proxies.of(environment));
    }

    private static URI endpoint(String text) {
        try {
            URI endpoint = new URI(text.replaceAll("/+$", ""));
            if (endpoint.getRawUserInfo() != null) {
                throw new HubException(
                        "HF_ENDPOINT has a user name in it, which can't be sent; HF_TOKEN takes a token");
            }
            if (endpoint.getHost() != null
                    && endpoint.getQuery() == null
                    && Set.of("http", "https").contains(String.valueOf(endpoint.getScheme()))) {
                return endpoint;
            }
        } catch (URISyntaxException e) {
            throw new HubException("HF_ENDPOINT is " + text + ", which is no address: " + e.getReason(), e);
        }
        throw new HubException("HF_ENDPOINT is " + text + ", must be like " + PUBLIC_HUB);
    }

    private static Optional<HubToken> token(Variables variables, Path file) {
        for (String name : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
            Optional<String> text = variables.text(name);
            if (text.isPresent()) {
                return Optional.of(HubToken.of(text.get(), name));
            }
        }
        if (variables.isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
            return Optional.empty();
        }
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(HubToken.of(text, file.toString()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HubException("the token file " + file + " can't be read: " + e.getMessage(), e);
        }
    }

    private static Duration timeout(String text) {
        if (!text.matches("[1-9][0-9]{0,4}")) {
            throw new HubException("HF_HUB_DOWNLOAD_TIMEOUT is " + text + ", must be whole seconds from 1 to 99999");
        }
        return Duration.ofSeconds(Integer.parseInt(text));
    }

    /** Environment variables; one that is blank counts as not set. */
    private record Variables(Map<String, String> environment) {

        Optional<String> text(String name) {
            return Optional.ofNullable(environment.get(name)).map(String::strip).filter(text -> !text.isEmpty());
        }

        /** A folder or file; a tilde stands for the home folder, as a shell would have it. */
        Optional<Path> path(String name) {
            return text(name)
                    .map(text -> text.equals("~") || text.startsWith("~/")
                            ? home().resolve(text.substring(1).replaceFirst("^/+", ""))
                            : Path.of(text));
        }

        Path home() {
            return Path.of(text("HOME").orElseGet(() -> System.getProperty("user.home")));
        }

        boolean isTrue(String name) {
            return text(name)
                    .filter(text -> TRUE.contains(text.toUpperCase(Locale.ROOT)))
                    .isPresent();
        }
    }
}
