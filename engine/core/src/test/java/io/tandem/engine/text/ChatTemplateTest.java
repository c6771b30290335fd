package io.tandem.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tandem.engine.InvalidInputException;
import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations to prompts: as transformers renders them, in the plain form, and what a template can't do. */
class ChatTemplateTest {

    private static final GoldenCases GOLDEN = GoldenCases.open("chat");

    private static final List<ChatMessage> HELLO = List.of(ChatMessage.of("user", "Hello"));

    private static final String RUNAWAY_LOOP = "{% for a in range(1000) %}{% for b in range(1000) %}"
            + "{% for c in range(1000) %}x{% endfor %}{% endfor %}{% endfor %}";

    private static final String RUNAWAY_STRING = "{% set ns = namespace(s='0123456789') %}"
            + "{% for a in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}";

    private static Tokenizer tokenizer;

    @TempDir
    Path checkpoint;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.open(GoldenCases.folder("tokenizer"));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void equalsTheReferenceInEveryGoldenCase() {
        ChatTemplate template = ChatTemplate.open(GOLDEN.folder(), tokenizer.specialTokens());
        assertFalse(template.isPlain());
        List<GoldenCase> cases = GOLDEN.cases();
        assertEquals(24, cases.size());
        for (GoldenCase golden : cases) {
            List<ChatMessage> messages = GoldenJson.messages(golden.options().get("messages"));
            boolean generation = golden.options().get("add_generation_prompt").booleanValue();
            if (golden.options().containsKey("error")) {
                InvalidInputException failure =
                        assertThrows(InvalidInputException.class, () -> template.render(messages, generation));
                assertEquals("messages", failure.field());
                assertEquals(golden.options().get("error").textValue(), failure.getMessage());
            } else {
                String rendered = template.render(messages, generation);
                assertEquals(golden.options().get("rendered").textValue(), rendered);
                assertArrayEquals(GoldenJson.ids(golden.options().get("ids")), tokenizer.encodePrompt(rendered));
            }
        }
    }

    @Test
    void rendersForTheDemoModel() {
        Path demo = Path.of(System.getProperty("tandem.root"), "deploy/demo-model");
        try (Tokenizer ofDemo = Tokenizer.open(demo)) {
            ChatTemplate template = ChatTemplate.open(demo, ofDemo.specialTokens());
            List<ChatMessage> messages = List.of(
                    ChatMessage.of("user", List.of(new ContentPart.Image(), new ContentPart.Text("What is red?"))));
            String rendered = template.render(messages, true);
            assertEquals(
                    "<bos><start_of_turn>user\n<start_of_image>What is red?<end_of_turn>\n<start_of_turn>model\n",
                    rendered);
            int[] ids = ofDemo.encodePrompt(rendered);
            assertArrayEquals(new int[] {2, 5}, new int[] {ids[0], ids[1]});
        }
    }

    @Test
    void thePlainFormJoinsTheTexts() {
        ChatTemplate template = ChatTemplate.open(checkpoint, tokenizer.specialTokens());
        assertTrue(template.isPlain());
        List<ChatMessage> messages = List.of(
                ChatMessage.of("system", " Be brief. "),
                ChatMessage.of(
                        "user",
                        List.of(new ContentPart.Text("What is "), new ContentPart.Image(), new ContentPart.Text("?"))));
        assertEquals(" Be brief. \n\nWhat is <start_of_image>?", template.render(messages, true));
        assertEquals("", template.render(List.of(), false));
    }

    @Test
    void theTemplateOfACheckpointIsFoundInEitherFile() throws IOException {
        Path config = checkpoint.resolve(TokenizerConfig.FILE_NAME);
        Files.writeString(config, "{\"chat_template\": \"one {{ messages[0].content }}\"}");
        assertEquals("one Hello", renderHello());
        Files.writeString(
                config,
                "{\"chat_template\": [{\"name\": \"tools\", \"template\": \"no\"},"
                        + " {\"name\": \"default\", \"template\": \"two {{ messages[0].content }}\"}]}");
        assertEquals("two Hello", renderHello());
        Files.writeString(checkpoint.resolve("chat_template.jinja"), "three {{ messages[0].content }}\n");
        assertEquals("three Hello", renderHello());
    }

    @Test
    void aTemplateOfOneLineIsRenderedAsInPython() {
        assertEquals(
                "<bos>|<eos>|<pad>|<start_of_image>",
                render("{{ bos_token }}|{{ eos_token }}|{{pad_token}}|{{boi_token}}"));
        assertEquals(
                "Hello",
                render("{%- for m in messages %}\n    {% if true %}\n{{ m['content'] }}\n"
                        + "    {%- endif %}\n{% endfor %}\n"));
        assertEquals("yes", render("{{ 'yes' if not (messages[0].role == 'assistant') and 1 + 1 == 2 else 'no' }}"));
        assertEquals("a\nb", render("a\r\nb\r\n"));
        assertEquals("a\n", render("a\n\n"));
        assertEquals("[x]", render("[{{ '\u00A0 \u3000x\\n\u2028' | trim }}]"));
        assertEquals(
                "3 last",
                render("{% set ns = namespace(n=0) %}{% for i in range(3) %}{% set ns.n = ns.n + 1 %}"
                        + "{% if loop.last %}{{ ns.n }} last{% endif %}{% endfor %}"));
    }

    @Test
    void whatAUserWritesIsNotEvaluated() {
        ChatTemplate template = ChatTemplate.ofSource("{{ messages[0].content }}", tokenizer.specialTokens());
        String text = "{{ 7 * 7 }} {% if true %}x{% endif %} {# gone #}";
        assertEquals(text, template.render(List.of(ChatMessage.of("user", text)), false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for m in messages %}",
                "{% if %}x{% endif %}",
                "{{ 'a' + }}",
                "{% nosuchtag %}",
                "{{ messages | nosuchfilter | trim }}",
                "{{ nosuchfunction(1) }}",
                "{% include 'config.json' %}",
                RUNAWAY_LOOP
            })
    void aTemplateThatCanNeverWorkIsRefusedAtOnceAndNamed(String source) throws IOException {
        Path file = Files.writeString(checkpoint.resolve("mine.jinja"), source);
        CheckpointException failure =
                assertThrows(CheckpointException.class, () -> ChatTemplate.ofFile(file, tokenizer.specialTokens()));
        assertTrue(failure.getMessage().contains(file.toString()), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                RUNAWAY_LOOP,
                RUNAWAY_STRING,
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{{ 'x' | nosuchfilter }}",
                "{% if messages is not nosuchtest %}x{% endif %}",
                "{{ messages.getClass().forName('java.lang.Runtime') }}"
            })
    void aTemplateThatRunsAwayIsStopped(String body) {
        String source = "{% if messages | length > 1 %}" + body + "{% endif %}";
        ChatTemplate template = ChatTemplate.ofSource(source, tokenizer.specialTokens());
        List<ChatMessage> two = List.of(HELLO.getFirst(), HELLO.getFirst());
        InvalidInputException failure = assertThrows(InvalidInputException.class, () -> template.render(two, true));
        assertEquals("messages", failure.field());
        assertTrue(failure.getMessage().startsWith("the chat template failed: "), failure.getMessage());
    }

    @Test
    void namesAnOverrideThatIsNotThere() {
        Path missing = checkpoint.resolve("missing.jinja");
        CheckpointException failure =
                assertThrows(CheckpointException.class, () -> ChatTemplate.ofFile(missing, tokenizer.specialTokens()));
        assertTrue(failure.getMessage().contains(missing.toString()), failure.getMessage());
    }

    private String renderHello() {
        return ChatTemplate.open(checkpoint, tokenizer.specialTokens()).render(HELLO, true);
    }

    private static String render(String source) {
        return ChatTemplate.ofSource(source, tokenizer.specialTokens()).render(HELLO, true);
    }
}
