package io.tandem.engine.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.objects.date.StrftimeFormatter;
import com.hubspot.jinjava.tree.Node;
import io.tandem.engine.InvalidInputException;
import java.io.IOException;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A chat template in Jinja, rendered by jinjava in a sandbox; immutable, thread-safe.
 *
 * <p>The template sees strings, lists and maps, no Java objects; it can read no files and no class path; and a render
 * that grows or runs without end is stopped. Text of users is data: what looks like Jinja in it is not evaluated.
 */
final class JinjaTemplate {

    /** The field of the request that a failure is blamed on: it is the messages that the template could not take. */
    private static final String FIELD = "messages";

    /** Of any string on the way, and of the result, in characters; a body of this size is refused long before. */
    private static final long MAX_CHARACTERS = 64L << 20;

    /** Of lists and maps that a template builds. */
    private static final int MAX_ELEMENTS = 1 << 20;

    /** Statements, expressions and texts rendered; a message costs Gemma's template about 20. */
    private static final int MAX_STEPS = 2_000_000;

    private static final int MAX_DEPTH = 32;

    private static final Jinjava JINJAVA = newJinjava();

    private static final ScopedValue<Progress> PROGRESS = ScopedValue.newInstance();

    private final String source;

    JinjaTemplate(String source) {
        this.source = source;
    }

    String render(List<ChatMessage> messages, boolean addGenerationPrompt, SpecialTokens specialTokens) {
        Map<String, Object> variables = Map.of(
                "messages", messages.stream().map(JinjaTemplate::variable).toList(),
                "bos_token", specialTokens.beginningOfSequence().text(),
                "eos_token", specialTokens.endOfSequence().text(),
                "add_generation_prompt", addGenerationPrompt);
        Progress progress = new Progress();
        RenderResult result;
        try {
            result = ScopedValue.where(PROGRESS, progress).call(() -> JINJAVA.renderForResult(source, variables));
        } catch (RuntimeException e) {
            throw progress.refusal != null ? refused(progress.refusal) : failed(e.getMessage(), e);
        }
        if (progress.refusal != null) {
            throw refused(progress.refusal);
        }
        for (TemplateError error : result.getErrors()) {
            if (error.getSeverity() == TemplateError.ErrorType.FATAL) {
                throw failed(error.getMessage(), error.getException());
            }
        }
        return result.getOutput();
    }

    /** Called by templates as {@code raise_exception(message)}. */
    public static String raiseException(String message) {
        PROGRESS.get().refuse(message);
        return "";
    }

    /** Called by templates as {@code strftime_now(format)}: the time of this machine, in its zone. */
    public static String strftimeNow(String format) {
        return StrftimeFormatter.format(ZonedDateTime.now(), format);
    }

    private static Map<String, Object> variable(ChatMessage message) {
        Object content =
                switch (message.content()) {
                    case ChatMessage.Plain(String text) -> text;
                    case ChatMessage.Parts(List<ContentPart> parts) ->
                        parts.stream().map(JinjaTemplate::variable).toList();
                };
        return Map.of("role", message.role(), "content", content);
    }

    private static Map<String, Object> variable(ContentPart part) {
        return switch (part) {
            case ContentPart.Text(String text) -> Map.of("type", "text", "text", text);
            case ContentPart.Image() -> Map.of("type", "image");
        };
    }

    private static InvalidInputException refused(String message) {
        return new InvalidInputException(FIELD, message);
    }

    private static InvalidInputException failed(String message, Throwable cause) {
        return new InvalidInputException(FIELD, "the chat template failed: " + message, cause);
    }

    private static Jinjava newJinjava() {
        JinjavaConfig config = JinjavaConfig.newBuilder()
                .withTrimBlocks(true)
                .withLstripBlocks(true)
                .withNestedInterpretationEnabled(false)
                .withMaxOutputSize(MAX_CHARACTERS)
                .withMaxStringLength(MAX_CHARACTERS)
                .withMaxListSize(MAX_ELEMENTS)
                .withMaxMapSize(MAX_ELEMENTS)
                .withMaxRenderDepth(MAX_DEPTH)
                .withMaxMacroRecursionDepth(MAX_DEPTH)
                .withNodePreProcessor(JinjaTemplate::countStep)
                .withDisabled(Map.of(Context.Library.TAG, Set.of("include", "import", "from", "extends")))
                .build();
        Jinjava jinjava = new Jinjava(config);
        jinjava.setResourceLocator((name, encoding, interpreter) -> {
            throw new IOException("a chat template can't read " + name);
        });
        jinjava.registerFunction(
                new ELFunctionDefinition("", "raise_exception", JinjaTemplate.class, "raiseException", String.class));
        jinjava.registerFunction(
                new ELFunctionDefinition("", "strftime_now", JinjaTemplate.class, "strftimeNow", String.class));
        return jinjava;
    }

    private static void countStep(Node node, JinjavaInterpreter interpreter) {
        PROGRESS.get().step(node);
    }

    /** What one render has done so far; used by the thread that renders. */
    private static final class Progress {

        private int steps;
        private String refusal;

        void refuse(String message) {
            if (refusal == null) {
                refusal = String.valueOf(message);
            }
        }

        void step(Node node) {
            if (++steps > MAX_STEPS) {
                throw new IllegalStateException(
                        "line " + node.getLineNumber() + ": more than " + MAX_STEPS + " steps; does it loop for ever?");
            }
        }
    }
}
