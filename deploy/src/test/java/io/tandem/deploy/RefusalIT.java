package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input through every service: a 4xx with the four keys of OpenAI's error, naming what is wrong. */
@ExtendWith(DemoServer.class)
class RefusalIT {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"model": "nobody", "messages": [{"role": "user", "content": "hi"}]}       | 404 | model
                    {"model": "$", "messages": []}                                             | 400 | messages
                    {"model": "$"}                                                             | 400 | messages
                    {"model": "$", "messages": "hi"}                                           | 400 | messages
                    {"model": "$", "messages": [{"role": "user", "content": 7}]}               | 400 | messages[0].content
                    {"model": "$", "messages": [{"role": "user", "content": "hi"}], "temperature": -1}    | 400 | temperature
                    {"model": "$", "messages": [{"role": "user", "content": "hi"}], "temperature": "hot"} | 400 | temperature
                    {"model": "$", "messages": [{"role": "user", "content": "hi"}], "top_p": 1.5}         | 400 | top_p
                    {"model": "$", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 0}      | 400 | max_tokens
                    {"model": "$", "messages": [{"role": "user", "content": "hi"}], "stream": "yes"}      | 400 | stream
                    {"model": "$", "messages": [{"role": "user", "content": "hi"}], "tools": [{"type": "function", "function": {"name": "f"}}]} | 400 | tools
                    {"model": "$", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}]} | 400 | messages[0].content[0].image_url
                    {"model": "$", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://localhost/x.png"}}]}]} | 400 | messages[0].content[0].image_url
                    {"model": "$", "messages": [{"role": "user", "content": "hi"}                         | 400 |
                    """)
    void namesTheField(String body, int status, String param, TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        refuses(api.postRaw("/v1/chat/completions", body.replace("$", api.model())), status, param);
    }

    @Test
    void namesBothNumbersWhenThereAreTooManyTokens(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        ObjectNode body = api.chat(Api.JSON.getNodeFactory().textNode("word ".repeat(200_000)));
        JsonNode error = refuses(api.postRaw("/v1/chat/completions", body.toString()), 400, "messages");
        assertEquals("context_length_exceeded", error.get("code").asText());
        assertTrue(error.get("message").asText().matches("(?s).*\\d[\\d,]* tokens.*\\d.*"), error.toString());
    }

    @Test
    void refusesATokenThatIsNone(TandemProcess tandem) throws IOException {
        Api api = tandem.api();
        String body = "{\"model\": \"%s\", \"prompt\": [2, 99999999]}".formatted(api.model());
        refuses(api.postRaw("/v1/completions", body), 400, "prompt");
    }

    private static JsonNode refuses(HttpResponse<String> response, int status, String param) throws IOException {
        assertEquals(status, response.statusCode(), response.body());
        JsonNode error = Api.JSON.readTree(response.body()).get("error");
        assertAll(List.of("message", "type", "param", "code").stream()
                .map(key -> () -> assertTrue(error.has(key), key + " is missing: " + error)));
        assertFalse(error.get("message").asText().isEmpty());
        if (param != null) {
            assertTrue(error.get("param").asText().startsWith(param), error.toString());
        }
        return error;
    }
}
