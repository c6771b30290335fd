package io.tandem.messaging;

import java.util.concurrent.CountDownLatch;

/** A broker in a process of its own, for gateways that share work on one machine: {@code BrokerMain HOST PORT}. */
public final class BrokerMain {

    private BrokerMain() {}

    /** Runs until the process is ended. */
    public static void main(String... arguments) throws InterruptedException {
        if (arguments.length != 2 || !arguments[1].matches("\\d{1,5}")) {
            System.err.println("Usage: BrokerMain HOST PORT");
            System.exit(2);
        }
        EmbeddedBroker broker = new EmbeddedBroker(arguments[0], Integer.parseInt(arguments[1]));
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
        broker.start();
        System.out.printf("The broker listens on amqp://%s:%s%n", arguments[0], arguments[1]);
        new CountDownLatch(1).await();
    }
}
