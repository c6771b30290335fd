package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.openai.RequestReader;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fields of OpenAI and vLLM that this server does not honour, and fields that nobody knows. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class UnhonouredFieldsTest extends ApiTest {

    private static final String VALID_CHAT = "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]";
    private static final String VALID_PROMPT = "\"prompt\": \"hi\"";

    /** On both routes: what would change the answer is refused, what asks for what happens anyway passes. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            structured_outputs            | {"json": {}}             | null
            guided_json                   | {"type": "object"}       | null
            guided_regex                  | "[a-z]+"                 | null
            guided_choice                 | ["yes", "no"]            | null
            guided_grammar                | "root ::= x"             | null
            structural_tag                | {}                       | null
            prompt_logprobs               | 1                        | false
            truncate_prompt_tokens        | 5                        | null
            allowed_token_ids             | [5]                      | null
            bad_words                     | ["no"]                   | []
            logits_processors             | ["x"]                    | []
            include_stop_str_in_output    | true                     | false
            skip_special_tokens           | false                    | true
            spaces_between_special_tokens | false                    | true
            response_format               | {"type": "json_object"}  | {"type": "text"}
            response_format               | "json"                   | null
            user                          | 7                        | "me"
            metadata                      | "x"                      | {}
            metadata                      | {"k": 1}                 | {"k": "v"}
            """)
    void whatWouldChangeTheAnswerIsRefused(String name, String refused, String harmless) {
        refused(CHAT, VALID_CHAT, name, refused);
        refused(COMPLETIONS, VALID_PROMPT, name, refused);
        ask(CHAT, VALID_CHAT + ", \"" + name + "\": " + harmless).statusCode(200);
        ask(COMPLETIONS, VALID_PROMPT + ", \"" + name + "\": " + harmless).statusCode(200);
    }

    @Test
    void someBelongToOneRoute() {
        refused(CHAT, VALID_CHAT, "chat_template", "\"{{ messages }}\"");
        refused(CHAT, VALID_CHAT, "chat_template_kwargs", "{\"a\": 1}");
        refused(CHAT, VALID_CHAT, "add_special_tokens", "true");
        refused(CHAT, VALID_CHAT, "add_generation_prompt", "false");
        refused(CHAT, VALID_CHAT, "echo", "true");
        refused(COMPLETIONS, VALID_PROMPT, "add_special_tokens", "false");
        refused(COMPLETIONS, VALID_PROMPT, "prompt_embeds", "\"AAAA\"");
        refused("/v1/embeddings", "\"input\": \"hi\"", "truncate_prompt_tokens", "5");
        refused("/v1/embeddings", "\"input\": \"hi\"", "user", "[]");
    }

    /** vLLM insists on it. */
    @Test
    void continuingAMessageGoesWithoutAGenerationPrompt() {
        ask(
                        CHAT,
                        "\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\": \"assistant\", \"content\": \"It\"}],"
                                + " \"continue_final_message\": true, \"add_generation_prompt\": false")
                .statusCode(200);
        assertEquals("It", cluster.written.getLast().getPrefixText());
    }

    @Test
    void labelsHaveOpenAisBounds() {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 17; i++) {
            many.append(i == 0 ? "" : ", ").append("\"k").append(i).append("\": \"v\"");
        }
        refused(CHAT, VALID_CHAT, "metadata", "{" + many + "}");
        refused(CHAT, VALID_CHAT, "metadata", "{\"" + "k".repeat(65) + "\": \"v\"}");
        refused(CHAT, VALID_CHAT, "metadata", "{\"k\": \"" + "v".repeat(513) + "\"}");
        ask(CHAT, VALID_CHAT + ", \"metadata\": {\"" + "k".repeat(64) + "\": \"" + "v".repeat(512) + "\"}")
                .statusCode(200);
    }

    @Test
    void unknownFieldsAreIgnoredAndNamedInTheLogUnlessTheyAreTexts() {
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                lines.add(record.getLevel() + " " + String.format(record.getMessage(), record.getParameters()));
            }

            @Override
            public void flush() {
                // Nothing is kept back.
            }

            @Override
            public void close() {
                // Nothing is held.
            }
        };
        Logger logger = Logger.getLogger(RequestReader.class.getName());
        Level before = logger.getLevel();
        logger.setLevel(Level.ALL);
        logger.addHandler(handler);
        try {
            ask(CHAT, VALID_CHAT + ", \"new_field\": {\"a\": 1}, \"My diary says\": 1, \"other_field\": []")
                    .statusCode(200)
                    .body("object", equalTo("chat.completion"));
            ask(COMPLETIONS, VALID_PROMPT).statusCode(200);
        } finally {
            logger.removeHandler(handler);
            logger.setLevel(before);
        }
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(
                lines.getFirst()
                        .matches("(DEBUG|FINE) Unknown fields, ignored: \\[new_field, other_field] and 1 other names"),
                lines.toString());
    }

    private void refused(String path, String valid, String name, String value) {
        ask(path, valid + ", \"" + name + "\": " + value)
                .statusCode(400)
                .body("error.type", equalTo("invalid_request_error"))
                .body("error.param.split('\\\\.')[0]", equalTo(name));
        assertTrue(cluster.written.isEmpty(), name);
        cluster.reset();
    }

    private static ValidatableResponse ask(String path, String fields) {
        return given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", " + fields + "}")
                .post(path)
                .then();
    }
}
