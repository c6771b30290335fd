package io.tandem.messaging;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A broker in a process of its own, for gateways that share work: {@code BrokerMain HOST PORT [FOLDER]}. */
public final class BrokerMain {

    /** Tells of every step of its start; held, as levels of loggers that nobody holds are forgotten. */
    private static final List<Logger> QUIET = new ArrayList<>();

    private BrokerMain() {}

    /** Runs until the process is ended; with a folder, it goes on there where the last one ended. */
    public static void main(String... arguments) throws InterruptedException {
        if (arguments.length < 2 || arguments.length > 3 || !arguments[1].matches("\\d{1,5}")) {
            System.err.println("Usage: BrokerMain HOST PORT [FOLDER]");
            System.exit(2);
        }
        quieten();
        Optional<Path> folder = arguments.length > 2 ? Optional.of(Path.of(arguments[2])) : Optional.empty();
        EmbeddedBroker broker = new EmbeddedBroker(arguments[0], Integer.parseInt(arguments[1]), folder);
        try {
            broker.start();
        } catch (IllegalStateException failure) {
            System.err.println(failure.getMessage() + " " + failure.getCause());
            System.exit(1);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
        System.out.printf("The broker listens on amqp://%s:%s%n", arguments[0], arguments[1]);
        new CountDownLatch(1).await();
    }

    /** Before anything is logged: the libraries bring a log manager, which complains if it isn't the only one. */
    private static void quieten() {
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        for (String name : List.of("org.apache.activemq", "org.apache.activemq.audit", "io.netty")) {
            Logger logger = Logger.getLogger(name);
            logger.setLevel(name.endsWith("audit") ? Level.SEVERE : Level.WARNING);
            QUIET.add(logger);
        }
    }
}
