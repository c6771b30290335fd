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

    /** OpenAI's first, then those of vLLM. */
    private static final Map<String, Predicate<JsonNode>> BOTH = Map.ofEntries(
            Map.entry("response_format", value -> value.path("type").asText().equals("text")),
            Map.entry("structured_outputs", Refusals::isNeverHarmless),
            Map.entry("guided_json", Refusals::isNeverHarmless),
            Map.entry("guided_regex", Refusals::isNeverHarmless),
            Map.entry("guided_choice", Refusals::isNeverHarmless),
            Map.entry("guided_grammar", Refusals::isNeverHarmless),
            Map.entry("structural_tag", Refusals::isNeverHarmless),
            Map.entry("prompt_logprobs", Refusals::isFalse),
            Map.entry("truncate_prompt_tokens", Refusals::isNeverHarmless),
            Map.entry("allowed_token_ids", Refusals::isNeverHarmless),
            Map.entry("bad_words", Refusals::isEmpty),
            Map.entry("logits_processors", Refusals::isEmpty),
            Map.entry("include_stop_str_in_output", Refusals::isFalse),
            Map.entry("skip_special_tokens", Refusals::isTrue),
            Map.entry("spaces_between_special_tokens", Refusals::isTrue));

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
            Map.entry("store", Refusals::isFalse),
            Map.entry("chat_template", Refusals::isNeverHarmless),
            Map.entry("chat_template_kwargs", Refusals::isEmpty),
            Map.entry("add_special_tokens", Refusals::isFalse),
            Map.entry("echo", Refusals::isFalse));

    private static final Map<String, Predicate<JsonNode>> COMPLETIONS = Map.ofEntries(
            Map.entry("echo", Refusals::isFalse),
            Map.entry("suffix", value -> value.isTextual() && value.asText().isEmpty()),
            Map.entry("prompt_embeds", Refusals::isNeverHarmless),
            Map.entry("add_special_tokens", Refusals::isTrue));

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

    private static boolean isTrue(JsonNode value) {
        return value.isBoolean() && value.booleanValue();
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isContainerNode() && value.isEmpty();
    }

    private static boolean isNeverHarmless(JsonNode value) {
        return false;
    }
}
