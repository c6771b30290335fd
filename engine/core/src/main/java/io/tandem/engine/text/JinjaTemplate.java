package io.tandem.engine.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.objects.date.StrftimeFormatter;
import com.hubspot.jinjava.tree.Node;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A chat template in Jinja, rendered by jinjava in a sandbox; immutable, thread-safe.
 *
 * <p>The template sees strings, lists and maps, no Java objects; it can read no files and no class path; and a render
 * that grows or runs without end is stopped. Text of users is data: what looks like Jinja in it is not evaluated.
 *
 * <p>jinjava is not Jinja to the letter. What is known to differ: {@code not a == b} is read as {@code (not a) == b},
 * so templates need parentheses there; methods of strings are those of Java; a function, filter, test or method that it
 * does not have is an error, at the latest when a conversation leads there.
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

    /** How jinjava marks the names of filters among what a render looked up. */
    private static final String FILTER = "filter:";

    /** How jinjava marks the names of tests among what a render looked up. */
    private static final String TEST = "exptest:";

    /** What no other conversation would mend. */
    private static final Set<TemplateError.ErrorReason> CAN_NEVER_WORK =
            Set.of(TemplateError.ErrorReason.SYNTAX_ERROR, TemplateError.ErrorReason.DISABLED);

    private static final Jinjava JINJAVA = newJinjava();

    private static final ScopedValue<Progress> PROGRESS = ScopedValue.newInstance();

    private final String source;
    private final SpecialTokens specialTokens;

    /**
     * @param origin where the source is from, for errors
     * @throws CheckpointException if the source is no Jinja, as far as one user message leads through it
     */
    JinjaTemplate(String origin, String source, SpecialTokens specialTokens) {
        this.source = normalized(source);
        this.specialTokens = specialTokens;
        requireSyntax(origin);
    }

    String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        Progress progress = new Progress();
        RenderResult result;
        try {
            result = render(messages, addGenerationPrompt, progress);
        } catch (RuntimeException e) {
            throw progress.refusal != null ? refused(progress.refusal) : failed(e.getMessage(), e);
        }
        if (progress.refusal != null) {
            throw refused(progress.refusal);
        }
        for (TemplateError error : result.getErrors()) {
            if (isFailure(error)) {
                throw failed(error.getMessage(), error.getException());
            }
        }
        unknownName(result).ifPresent(name -> {
            throw failed("there is no " + name, null);
        });
        return result.getOutput();
    }

    private RenderResult render(List<ChatMessage> messages, boolean addGenerationPrompt, Progress progress) {
        Map<String, Object> variables = new HashMap<>(specialTokens.texts());
        variables.put("bos_token", specialTokens.beginningOfSequence().text());
        variables.put("eos_token", specialTokens.endOfSequence().text());
        variables.put("messages", messages.stream().map(JinjaTemplate::variable).toList());
        variables.put("add_generation_prompt", addGenerationPrompt);
        return ScopedValue.where(PROGRESS, progress).call(() -> JINJAVA.renderForResult(source, variables));
    }

    private void requireSyntax(String origin) {
        RenderResult result;
        try {
            result = render(List.of(ChatMessage.of("user", "Hello")), true, new Progress());
        } catch (RuntimeException e) {
            throw new CheckpointException(origin + ": the chat template is broken: " + e.getMessage(), e);
        }
        for (TemplateError error : result.getErrors()) {
            if (CAN_NEVER_WORK.contains(error.getReason())) {
                throw new CheckpointException(
                        origin + ": the chat template is broken: " + error.getMessage(), error.getException());
            }
        }
        unknownName(result).ifPresent(name -> {
            throw new CheckpointException(origin + ": the chat template is broken: there is no " + name);
        });
    }

    /** A filter or test that the template used and jinjava, which then renders nothing and tells nothing, has not. */
    private static Optional<String> unknownName(RenderResult result) {
        Context known = JINJAVA.getGlobalContext();
        for (String name : result.getContext().getResolvedValues()) {
            String filter = name.startsWith(FILTER) ? name.substring(FILTER.length()) : null;
            if (filter != null && known.getFilter(filter) == null) {
                return Optional.of("filter " + filter);
            }
            String test = name.startsWith(TEST) ? name.substring(TEST.length()) : null;
            if (test != null && known.getExpTest(test) == null) {
                return Optional.of("test " + test);
            }
        }
        return Optional.empty();
    }

    /** Jinja reads all line ends as one line feed and drops the last one of a template; jinjava does neither. */
    private static String normalized(String source) {
        String text = source.replace("\r\n", "\n").replace('\r', '\n');
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
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

    /** A property that is not there is no failure: templates ask for it to see whether it is. */
    private static boolean isFailure(TemplateError error) {
        return error.getSeverity() == TemplateError.ErrorType.FATAL
                || error.getReason() != TemplateError.ErrorReason.UNKNOWN;
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
                .withKeepTrailingNewline(true)
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withEvaluateMapKeys(true)
                        .withIterateOverMapKeys(true)
                        .build())
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
        jinjava.registerFilter(new PythonTrimFilter());
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
