package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.contract.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Parameters that are known but cannot be honoured: any value that would change the answer is refused, one that asks for what
 * happens anyway passes.
 */
final class Refusals {

    private static final Map<String, Predicate<JsonNode>> BOTH = Map.ofEntries(
            Map.entry("response_format", value -> value.path("type").asText().equals("text")));

    private static final Map<String, Predicate<JsonNode>> CHAT = Map.ofEntries(
            Map.entry("tools", Refusals::isEmpty),
            Map.entry("tool_choice", value -> value.asText().equals("none")),
            Map.entry("functions", Refusals::isEmpty),
            Map.entry("function_call", value -> value.asText().equals("none")),
            Map.entry("audio", Refusals::isNeverHarmless),
            Map.entry(
                    "modalities",
                    value -> value.size() == 1 && value.path(0).asText().equals("text")),
            Map.entry("web_search_options", Refusals::isNeverHarmless),
            Map.entry("store", Refusals::isFalse));

    private static final Map<String, Predicate<JsonNode>> COMPLETIONS = Map.ofEntries(
            Map.entry("echo", Refusals::isFalse),
            Map.entry("suffix", value -> value.isTextual() && value.asText().isEmpty()));

    private static final Refusals OF_CHAT = new Refusals(CHAT);
    private static final Refusals OF_COMPLETIONS = new Refusals(COMPLETIONS);

    private final Map<String, Predicate<JsonNode>> harmless = new LinkedHashMap<>(BOTH);

    private Refusals(Map<String, Predicate<JsonNode>> ofRoute) {
        harmless.putAll(ofRoute);
    }

    static Refusals ofChat() {
        return OF_CHAT;
    }

    static Refusals ofCompletions() {
        return OF_COMPLETIONS;
    }

    /** Passes when nothing in the body asks for what cannot be done. */
    void check(Field body) {
        harmless.forEach((name, passes) -> {
            Field field = body.get(name);
            if (field.isSet() && !passes.test(field.node())) {
                throw field.failure(ErrorCode.UNSUPPORTED_PARAMETER, "asks for something that this server does not do");
            }
        });
    }

    private static boolean isFalse(JsonNode value) {
        return value.isBoolean() && !value.booleanValue();
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isContainerNode() && value.isEmpty();
    }

    private static boolean isNeverHarmless(JsonNode value) {
        return false;
    }
}
