package io.tandem.messaging;

import io.vertx.core.Context;
import io.vertx.proton.ProtonConnection;
import io.vertx.proton.ProtonDelivery;
import io.vertx.proton.ProtonHelper;
import io.vertx.proton.ProtonReceiver;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.message.Message;

/**
 * One receiver of a queue, whose credit is exactly its free slots: a credit for each slot when it opens, and one for each message that
 * is settled. Used in the courier's context.
 */
final class Subscription {

    private final Context context;
    private final String queue;
    private final int slots;
    private final Consumer<Letter> receiver;
    private ProtonReceiver link;

    Subscription(Context context, String queue, int slots, Consumer<Letter> receiver) {
        this.context = context;
        this.queue = queue;
        this.slots = slots;
        this.receiver = receiver;
    }

    void open(ProtonConnection connection) {
        ProtonReceiver opened = connection.createReceiver(queue);
        link = opened;
        opened.setPrefetch(0).setAutoAccept(false);
        opened.handler((delivery, message) -> receiver.accept(new Received(opened, delivery, message)));
        opened.openHandler(ready -> {
            if (ready.succeeded()) {
                opened.flow(slots);
            }
        });
        // Whatever made the broker do that: a new connection begins from the start.
        opened.closeHandler(gone -> connection.disconnect());
        opened.open();
    }

    /** A message of this queue. */
    private final class Received implements Letter {
        private final ProtonReceiver from;
        private final ProtonDelivery delivery;
        private final Message message;

        private Received(ProtonReceiver from, ProtonDelivery delivery, Message message) {
            this.from = from;
            this.delivery = delivery;
            this.message = message;
        }

        @Override
        public String text() {
            return message.getBody() instanceof AmqpValue value ? String.valueOf(value.getValue()) : "";
        }

        @Override
        public Map<String, String> properties() {
            Map<String, String> properties = new HashMap<>();
            if (message.getApplicationProperties() != null) {
                message.getApplicationProperties()
                        .getValue()
                        .forEach((name, value) -> properties.put(name, String.valueOf(value)));
            }
            return properties;
        }

        @Override
        public int failures() {
            return (int) message.getDeliveryCount();
        }

        @Override
        public void accept() {
            settle(() -> ProtonHelper.accepted(delivery, true));
        }

        @Override
        public void fail() {
            settle(() -> ProtonHelper.modified(delivery, true, true, false));
        }

        @Override
        public void release() {
            settle(() -> ProtonHelper.released(delivery, true));
        }

        /** On a connection that was lost nothing is settled: the broker gives the message to somebody else. */
        private void settle(Runnable disposition) {
            context.runOnContext(nothing -> {
                if (link == from && from.isOpen() && !delivery.isSettled()) {
                    disposition.run();
                    from.flow(1);
                }
            });
        }
    }
}
