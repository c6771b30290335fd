package io.tandem.gateway.batches;

import java.util.HashMap;
import java.util.Map;

/** What messages about lines say, all of it in their properties. */
final class LineMessage {

    private static final String OWNER = "owner";
    private static final String BATCH = "batch";
    private static final String LINE = "line";
    private static final String OFFSET = "offset";
    private static final String LENGTH = "length";
    private static final String OUTCOME = "outcome";

    private LineMessage() {}

    static Map<String, String> of(LineTask task) {
        Map<String, String> properties = new HashMap<>();
        properties.put(OWNER, task.owner());
        properties.put(BATCH, task.batch().value());
        properties.put(LINE, Integer.toString(task.number()));
        properties.put(OFFSET, Long.toString(task.offset()));
        properties.put(LENGTH, Integer.toString(task.length()));
        return properties;
    }

    static Map<String, String> of(LineTask task, LineOutcome outcome) {
        Map<String, String> properties = of(task);
        properties.put(OUTCOME, outcome.name());
        return properties;
    }

    /** @throws IllegalArgumentException if they name no line */
    static LineTask task(Map<String, String> properties) {
        return new LineTask(
                required(properties, OWNER),
                new BatchId(required(properties, BATCH)),
                Integer.parseInt(required(properties, LINE)),
                Long.parseLong(required(properties, OFFSET)),
                Integer.parseInt(required(properties, LENGTH)));
    }

    /** @throws IllegalArgumentException if they name no outcome */
    static LineOutcome outcome(Map<String, String> properties) {
        return LineOutcome.valueOf(required(properties, OUTCOME));
    }

    private static String required(Map<String, String> properties, String name) {
        String value = properties.get(name);
        if (value == null) {
            throw new IllegalArgumentException("The message has no property %s.".formatted(name));
        }
        return value;
    }
}
