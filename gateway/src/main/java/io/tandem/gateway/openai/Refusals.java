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

    private static final Predicate<JsonNode> FALSE = value -> value.isBoolean() && !value.booleanValue();
    private static final Predicate<JsonNode> ZERO = is(0);
    private static final Predicate<JsonNode> ONE = is(1);
    private static final Predicate<JsonNode> EMPTY = value -> value.isContainerNode() && value.isEmpty();
    private static final Predicate<JsonNode> NOTHING = value -> false;

    private static final Map<String, Predicate<JsonNode>> BOTH = Map.ofEntries(
            Map.entry("n", ONE),
            Map.entry("best_of", ONE),
            Map.entry("frequency_penalty", ZERO),
            Map.entry("presence_penalty", ZERO),
            Map.entry("repetition_penalty", ONE),
            Map.entry("length_penalty", ONE),
            Map.entry("logit_bias", EMPTY),
            Map.entry("min_tokens", ZERO),
            Map.entry("ignore_eos", FALSE),
            Map.entry("use_beam_search", FALSE),
            Map.entry("response_format", value -> value.path("type").asText().equals("text")));

    private static final Map<String, Predicate<JsonNode>> CHAT = Map.ofEntries(
            Map.entry("logprobs", FALSE),
            Map.entry("top_logprobs", ZERO),
            Map.entry("tools", EMPTY),
            Map.entry("tool_choice", value -> value.asText().equals("none")),
            Map.entry("functions", EMPTY),
            Map.entry("function_call", value -> value.asText().equals("none")),
            Map.entry("audio", NOTHING),
            Map.entry(
                    "modalities",
                    value -> value.size() == 1 && value.path(0).asText().equals("text")),
            Map.entry("web_search_options", NOTHING),
            Map.entry("store", FALSE));

    private static final Map<String, Predicate<JsonNode>> COMPLETIONS = Map.ofEntries(
            Map.entry("logprobs", NOTHING),
            Map.entry("echo", FALSE),
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

    private static Predicate<JsonNode> is(int neutral) {
        return value -> value.isNumber() && value.doubleValue() == neutral;
    }
}
