package io.tandem.deploy.split;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The split mode: starts every role as a process of its own, has the gateway find them, keeps them running, and takes commands on its
 * standard input. One for the process; the main thread's.
 */
public final class Split {

    private final SplitOptions options;
    private final Output output = new Output(System.out);
    private final CountDownLatch over = new CountDownLatch(1);

    /** @param options of the command line */
    public Split(SplitOptions options) {
        this.options = options;
    }

    /**
     * Runs until the process is told to end.
     *
     * @return exit code: 1 if a role can't be started
     */
    public int run() {
        try {
            serve();
            return 0;
        } catch (IllegalStateException failed) {
            output.say("Tandem can't be started: " + failed.getMessage());
            return 1;
        }
    }

    private void serve() {
        Installation installation = Installation.ofLauncher();
        Ports.requireFree(options.front().host(), options.front().port());
        int gatewayPort = options.front().port() == 0
                ? Ports.free().service()
                : options.front().port();
        AddressFiles addresses = AddressFiles.create();
        CacheNodes cacheNodes = new CacheNodes(installation, options.counts().caches());
        Broker broker = new Broker(installation, options.front().journal());
        Launches launches = new Launches(options, installation, addresses, cacheNodes, broker);
        Crew crew = new Crew(launches, addresses, output, gatewayPort);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(crew, addresses), "split-end"));
        startStores(crew, cacheNodes, broker);
        startRoles(crew);
        announce(gatewayPort);
        new Commands(crew, output).follow(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
        awaitEnd();
    }

    /** What others look for when they start. */
    private void startStores(Crew crew, CacheNodes cacheNodes, Broker broker) {
        output.say("Waiting for %s and %s"
                .formatted(
                        cacheNodes.ports().isEmpty() ? "the cache that the environment names" : "cache",
                        broker.elsewhere().isPresent() ? "the broker that it names" : "broker"));
        Optional<Member> brokering =
                broker.elsewhere().isPresent() ? Optional.empty() : Optional.of(crew.add(Role.BROKER));
        for (Ports node : cacheNodes.ports()) {
            // One after the other: the second joins the first, instead of each beginning a cluster.
            crew.await(Role.CACHE, crew.add(Role.CACHE, node));
        }
        brokering.ifPresent(member -> {
            crew.await(Role.BROKER, member);
            broker.serving(member.ports());
        });
    }

    private void startRoles(Crew crew) {
        Map<Role, Integer> counts = Map.of(
                Role.VISION,
                1,
                Role.ENCODER,
                options.counts().encoders(),
                Role.DECODER,
                options.counts().decoders(),
                Role.GATEWAY,
                1);
        output.say("Waiting for " + crewInWords() + ", vision and gateway");
        List<Runnable> waits = new ArrayList<>();
        counts.keySet().stream().sorted().forEach(role -> {
            for (int i = 0; i < counts.get(role); i++) {
                Member member = crew.add(role);
                waits.add(() -> crew.await(role, member));
            }
        });
        waits.forEach(Runnable::run);
    }

    private String crewInWords() {
        return "%s and %s with %s each"
                .formatted(
                        count(options.counts().encoders(), "encoder"),
                        count(options.counts().decoders(), "decoder"),
                        count(options.threads(), "thread"));
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private void announce(int port) {
        String host = options.front().host().equals("0.0.0.0")
                ? "127.0.0.1"
                : options.front().host();
        String url = "http://" + host + ":" + port;
        double seconds = ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0;
        output.say(String.format(Locale.ROOT, """
                Tandem serves %s at %s/v1 (%s; up in %.1f s).
                Open %s/ in a browser. "decoders N" and a newline change the number of decoders, "encoders N" that of encoders,
                "restart ROLE" replaces the processes of a role. Ctrl-C stops all.""", options.servedName(), url, crewInWords(), seconds, url));
    }

    private void end(Crew crew, AddressFiles addresses) {
        output.say("Ending all roles; what is under way may finish");
        crew.end();
        addresses.close();
        over.countDown();
    }

    /** The end of the input is no reason to end: who starts this in the background has none. */
    private void awaitEnd() {
        try {
            over.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
