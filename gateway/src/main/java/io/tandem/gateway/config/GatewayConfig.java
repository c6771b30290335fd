package io.tandem.gateway.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Settings of the gateway; addresses have their defaults in microprofile-config.properties. */
@ConfigMapping(prefix = "tandem.gateway")
public interface GatewayConfig {

    /**
     * Where vision-services listen, separated by commas: {@code host:port}, {@code dns:NAME:PORT} for every address that a name has, or
     * {@code file:PATH} for the lines of a file. Names and files are looked at again and again, see {@link Health#interval}.
     */
    List<String> vision();

    /** Where encoder-services listen, as {@link #vision}; what is the same is always read by the same one. */
    List<String> encoder();

    /** Where decoder-services listen, as {@link #vision}. */
    List<String> decoders();

    /** Names under which clients ask for the model; the first is the one that /v1/models shows. */
    @WithDefault("t5gemma-2")
    List<String> servedModelNames();

    /**
     * Longest time from a request's arrival to its last byte, unless it asks for less in its header {@code x-request-timeout}; it
     * travels with every call made for the request.
     */
    @WithDefault("120S")
    Duration deadline();

    /** Longest time that requests under way get to finish at shutdown. */
    @WithDefault("30S")
    Duration drain();

    /** Whether a page to try the model is served at {@code /}. */
    @WithDefault("true")
    boolean playground();

    /** Who may use the API; everybody, when nothing is set. */
    Keys keys();

    /** What a request's body may hold and how long it may take to arrive. */
    Body body();

    /** How many requests run and wait. */
    Admission admission();

    /** What pictures a request may bring. */
    Images images();

    /** How many prompts and documents a request may bring. */
    Counts counts();

    /** How instances of a role are chosen. */
    Routing routing();

    /** How streamed answers are sent. */
    Stream stream();

    /** How the services behind the gateway are watched. */
    Health health();

    /**
     * API keys, each as {@code NAME:SHA256}: whose it is, and the SHA-256 of the key in hexadecimal. What is cached for one name is
     * never shared with another.
     */
    interface Keys {
        /** File with an entry a line; empty lines and those that begin with # are left out. */
        Optional<Path> file();

        /** More entries, separated by commas; also TANDEM_GATEWAY_KEYS_ENTRIES in the environment. */
        Optional<List<String>> entries();

        /** Time between two looks at the file. */
        @WithDefault("1S")
        Duration reload();

        /** Whether {@code /q/metrics} wants none, where only those who run the server come that far. */
        @WithDefault("false")
        boolean openMetrics();

        /** What each name may ask for. */
        KeyLimits limits();

        /** What some names may ask for instead, {@code owners.NAME.requests-per-minute} and so on. */
        Map<String, OwnerLimits> owners();
    }

    /** Bounds of what comes with one name's keys; 0 is without limit. */
    interface KeyLimits {
        /** Requests; 429 above. */
        @WithDefault("6000")
        long requestsPerMinute();

        /** Tokens that are read or written; 429 from then on. */
        @WithDefault("10000000")
        long tokensPerMinute();

        /** Requests that run or wait at the same time; 429 above. */
        @WithDefault("256")
        int concurrentRequests();
    }

    /** Bounds of one name; those of all hold where none is set. */
    interface OwnerLimits {
        /** As {@link KeyLimits#requestsPerMinute}. */
        OptionalLong requestsPerMinute();

        /** As {@link KeyLimits#tokensPerMinute}. */
        OptionalLong tokensPerMinute();

        /** As {@link KeyLimits#concurrentRequests}. */
        OptionalInt concurrentRequests();
    }

    /** Bounds of a request's body. */
    interface Body {
        /** Largest body; 413 above. */
        @WithDefault("20M")
        MemorySize maxSize();

        /** Longest time between a request's admission and the last byte of its body. */
        @WithDefault("30S")
        Duration timeout();
    }

    /** Bounds of concurrency. */
    interface Admission {
        /** Requests worked on at the same time; one for several answers counts as that many. */
        @WithDefault("64")
        int concurrency();

        /** Requests that wait for their turn; 429 above. */
        @WithDefault("256")
        int queue();
    }

    /** Bounds of pictures. */
    interface Images {
        /** Pictures in one request. */
        @WithDefault("16")
        int maxCount();

        /** Largest picture, as the file's bytes. */
        @WithDefault("10M")
        MemorySize maxSize();

        /** Pictures of one request that are fetched, or with the vision-service, at the same time. */
        @WithDefault("4")
        int parallel();

        /** Whether pictures may be given by an address on the web, which this server then fetches them from. */
        @WithDefault("false")
        boolean allowRemote();

        /** From where pictures are fetched, and how. */
        Remote remote();
    }

    /** Pictures on the web. Whatever is set, only public addresses are connected to. */
    interface Remote {
        /** The only hosts that are asked, separated by commas, {@code .example.com} for all below it; all unless set. */
        Optional<List<String>> hosts();

        /** The only ports that are connected to. */
        @WithDefault("80,443")
        List<Integer> ports();

        /** Redirects on the way to one picture. */
        @WithDefault("3")
        int maxRedirects();

        /** Longest time that fetching one picture takes. */
        @WithDefault("10S")
        Duration timeout();

        /** Longest time without a byte of it, and to connect. */
        @WithDefault("3S")
        Duration idleTimeout();

        /** Pictures that are fetched at the same time, for all requests; more are refused as overload. */
        @WithDefault("32")
        int parallel();
    }

    /** Bounds of lists. */
    interface Counts {
        /** Prompts in one request to /v1/completions. */
        @WithDefault("16")
        int maxPrompts();

        /** Answers to one prompt, {@code n}. */
        @WithDefault("8")
        int maxChoices();

        /** Documents in one request. */
        @WithDefault("64")
        int maxDocuments();

        /** Texts in one request to /v1/embeddings. */
        @WithDefault("256")
        int maxInputs();
    }

    /** Choice of instances. */
    interface Routing {
        /**
         * How long a request waits for a role that is away; 503 after that, and at once when the role has been away for longer. What a
         * client has seen nothing of is tried on every instance.
         */
        @WithDefault("3S")
        Duration patience();

        /** A decoder with more than this many times the mean load is passed over. */
        @WithDefault("1.25")
        double loadFactor();

        /** A decoder with fewer requests than this is never passed over. */
        @WithDefault("8")
        int freeLoad();
    }

    /** Streamed answers. */
    interface Stream {
        /** Silence after which a comment line keeps proxies from closing the connection. */
        @WithDefault("10S")
        Duration keepAlive();

        /** Bytes of an answer that wait for a slow reader. */
        @WithDefault("256K")
        MemorySize buffer();

        /** Longest time that a full buffer waits for its reader before the connection is cut. */
        @WithDefault("30S")
        Duration stallTimeout();
    }

    /** Watching services. */
    interface Health {
        /** Time between two looks at every service, and at the names and files that say where services are. */
        @WithDefault("1S")
        Duration interval();
    }
}
