package io.tandem.messaging;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** A broker in a process of its own, for gateways that share work: {@code BrokerMain HOST PORT [FOLDER]}. */
public final class BrokerMain {

    private BrokerMain() {}

    /** Runs until the process is ended; with a folder, it goes on there where the last one ended. */
    public static void main(String... arguments) throws InterruptedException {
        if (arguments.length < 2 || arguments.length > 3 || !arguments[1].matches("\\d{1,5}")) {
            System.err.println("Usage: BrokerMain HOST PORT [FOLDER]");
            System.exit(2);
        }
        logToTerminal();
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

    /**
     * What goes wrong is worth a line. Before anything is logged: the libraries bring a log manager, which complains if it isn't the only
     * one, and hold every line back until a Quarkus app has started, which this is not.
     */
    private static void logToTerminal() {
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        System.setProperty("java.util.logging.SimpleFormatter.format", "%1$tT %4$-7s %3$s: %5$s%6$s%n");
        Logger root = Logger.getLogger("");
        Stream.of(root.getHandlers()).forEach(root::removeHandler);
        ConsoleHandler terminal = new ConsoleHandler();
        // That a queue has no place for what expired, which is meant to be forgotten.
        terminal.setFilter(line -> !String.valueOf(line.getMessage()).startsWith("AMQ222166"));
        root.addHandler(terminal);
        root.setLevel(Level.WARNING);
    }
}
