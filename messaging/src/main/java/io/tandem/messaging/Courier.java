package io.tandem.messaging;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.proton.ProtonClient;
import io.vertx.proton.ProtonClientOptions;
import io.vertx.proton.ProtonConnection;
import io.vertx.proton.ProtonSender;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.message.Message;
import org.jboss.logging.Logger;

/**
 * Sends and receives messages over one AMQP 1.0 connection, which is opened when it is first needed and again whenever it is lost.
 * What is sent while there is none goes out later; what is on its way when it is lost may be lost too, so whoever sends names work
 * that stands elsewhere, and sends it again. Thread-safe: everything that touches the connection runs in one Vert.x context.
 */
public final class Courier implements AutoCloseable {

    /** Ends the name of the queue that holds what was given up of another. */
    public static final String DEAD = ".dead";

    private static final Logger LOG = Logger.getLogger(Courier.class);

    private final Vertx vertx;
    private final Context context;
    private final Supplier<BrokerAddress> broker;
    private final Duration pause;
    private final AtomicBoolean wanted = new AtomicBoolean();
    private final List<Runnable> connectListeners = new CopyOnWriteArrayList<>();
    // Used in the context only.
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Map<String, ProtonSender> senders = new HashMap<>();
    private final Deque<Message> unsent = new ArrayDeque<>();
    private ProtonConnection connection;
    private boolean connected;
    private volatile boolean outage;
    private volatile boolean closed;

    /**
     * @param broker asked before each attempt to connect; may start one, and block
     * @param pause between two attempts
     */
    public Courier(Vertx vertx, Supplier<BrokerAddress> broker, Duration pause) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.broker = broker;
        this.pause = pause;
    }

    /** Whether messages wait because the broker can't be reached; false too while nobody has had any. */
    public boolean isOutage() {
        return outage;
    }

    /** Calls something whenever a connection is there again, which messages may have been lost with the last. */
    public void onConnect(Runnable listener) {
        connectListeners.add(listener);
    }

    /**
     * Sends a message, which a broker with a journal keeps until it was dealt with; returns at once.
     *
     * @param queue that it goes to; made by the broker when there is none
     * @param properties that stand beside the text
     */
    public void send(String queue, String text, Map<String, String> properties) {
        Message message = message(queue, text, properties);
        message.setDurable(true);
        send(queue, message);
    }

    /**
     * Sends a message that is of use for a while only, to somebody who may have ended; returns at once.
     *
     * @param queue that it goes to; made by the broker when there is none
     * @param properties that stand beside the text
     * @param use time after which the broker forgets it
     */
    public void send(String queue, String text, Map<String, String> properties, Duration use) {
        Message message = message(queue, text, properties);
        message.setTtl(use.toMillis());
        send(queue, message);
    }

    private static Message message(String queue, String text, Map<String, String> properties) {
        Message message = Message.Factory.create();
        message.setAddress(queue);
        message.setBody(new AmqpValue(text));
        message.setApplicationProperties(new ApplicationProperties(new HashMap<>(properties)));
        return message;
    }

    private void send(String queue, Message message) {
        connect();
        context.runOnContext(nothing -> {
            if (connected) {
                sender(queue).send(message);
            } else {
                unsent.add(message);
            }
        });
    }

    /**
     * Receives messages, on an event loop, which must not be blocked.
     *
     * @param slots messages that are held at the same time; the broker keeps all others for whoever has room
     */
    public void receive(String queue, int slots, Consumer<Letter> receiver) {
        Subscription subscription = new Subscription(context, queue, slots, receiver);
        connect();
        context.runOnContext(nothing -> {
            subscriptions.add(subscription);
            if (connected) {
                subscription.open(connection);
            }
        });
    }

    private void connect() {
        if (wanted.compareAndSet(false, true)) {
            attempt();
        }
    }

    /** Starting a broker blocks, so the address is asked for on a thread that may be. */
    private void attempt() {
        vertx.<BrokerAddress>executeBlocking(broker::get)
                .onComplete(found -> context.runOnContext(nothing -> {
                    if (found.failed()) {
                        lost(found.cause());
                    } else {
                        open(found.result());
                    }
                }));
    }

    private void open(BrokerAddress address) {
        ProtonClientOptions options = new ProtonClientOptions().setHeartbeat(10_000);
        options.setSsl(address.tls()).setConnectTimeout(5_000);
        ProtonClient.create(vertx)
                .connect(
                        options,
                        address.host(),
                        address.port(),
                        address.user().orElse(null),
                        address.password().orElse(null),
                        made -> {
                            if (made.failed()) {
                                lost(made.cause());
                            } else {
                                greet(made.result());
                            }
                        });
    }

    private void greet(ProtonConnection made) {
        connection = made;
        made.disconnectHandler(gone -> lost(null));
        made.closeHandler(gone -> made.disconnect());
        made.openHandler(opened -> {
            if (opened.failed()) {
                made.disconnect();
                return;
            }
            connected = true;
            if (outage) {
                LOG.info("connected to the broker again");
            }
            outage = false;
            subscriptions.forEach(subscription -> subscription.open(made));
            while (!unsent.isEmpty()) {
                Message message = unsent.remove();
                sender(message.getAddress()).send(message);
            }
            connectListeners.forEach(Runnable::run);
        });
        made.setContainer("tandem");
        made.open();
    }

    private void lost(Throwable why) {
        if (closed) {
            return;
        }
        if (!outage) {
            LOG.warnf(
                    "no connection to the broker, work waits; tried again every %d ms: %s",
                    pause.toMillis(), why == null ? "it was closed" : why);
        }
        outage = true;
        connected = false;
        connection = null;
        senders.clear();
        vertx.setTimer(pause.toMillis(), timer -> {
            if (!closed) {
                attempt();
            }
        });
    }

    private ProtonSender sender(String queue) {
        return senders.computeIfAbsent(queue, name -> {
            ProtonSender sender = connection.createSender(name);
            sender.closeHandler(gone -> {
                LOG.warnf("the broker takes no messages for %s: %s", name, gone.cause());
                senders.remove(name);
            });
            return sender.open();
        });
    }

    @Override
    public void close() {
        closed = true;
        context.runOnContext(nothing -> {
            connected = false;
            if (connection != null) {
                connection.disconnect();
            }
        });
    }
}
