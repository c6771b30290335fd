package io.tandem.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Lines that are no requests of a batch, with what is said of each. */
final class MalformedLines {

    private static final String BODY = "\"body\": {\"model\": \"t5gemma-2\", \"prompt\": \"p\"}";
    private static final String REST = "\"method\": \"POST\", \"url\": \"/v1/completions\", " + BODY;

    private MalformedLines() {}

    /**
     * One of them.
     *
     * @param param that is named, or null
     */
    record Case(byte[] line, String code, String param) {}

    static final List<Case> ALL = List.of(
            json("not json"),
            json("{"),
            json("}"),
            json("[]"),
            json("null"),
            json("true"),
            json("12"),
            json("\"text\""),
            json("{\"custom_id\": \"a\", " + REST),
            json("{\"custom_id\": \"a\", " + REST + "} {}"),
            json("{\"custom_id\": \"a\", \"custom_id\": \"b\", " + REST + "}"),
            json("{'custom_id': 'a'}"),
            json("{\"custom_id\": \"a\", " + REST + ",}"),
            json("{\"custom_id\": NaN, " + REST + "}"),
            json("// comment"),
            json("\ufeff{\"custom_id\": \"a\", " + REST + "}"),
            json("[".repeat(100) + "]".repeat(100)),
            new Case(new byte[] {'{', (byte) 0xff, '}'}, "invalid_json_line", null),
            new Case(new byte[] {0, '{', 0, '}'}, "invalid_json_line", null),
            missing("{}", "custom_id"),
            missing("{\"custom_id\": null, " + REST + "}", "custom_id"),
            wrong("{\"custom_id\": 7, " + REST + "}", "custom_id"),
            wrong("{\"custom_id\": \"\", " + REST + "}", "custom_id"),
            wrong("{\"custom_id\": \"" + "a".repeat(513) + "\", " + REST + "}", "custom_id"),
            wrong("{\"custom_id\": \"\\ud800\", " + REST + "}", "custom_id"),
            missing("{\"custom_id\": \"a\", \"url\": \"/v1/completions\", " + BODY + "}", "method"),
            wrong("{\"custom_id\": \"a\", \"method\": [], \"url\": \"/v1/completions\", " + BODY + "}", "method"),
            of(
                    "{\"custom_id\": \"a\", \"method\": \"GET\", \"url\": \"/v1/completions\", " + BODY + "}",
                    "invalid_method",
                    "method"),
            of(
                    "{\"custom_id\": \"a\", \"method\": \"post\", \"url\": \"/v1/completions\", " + BODY + "}",
                    "invalid_method",
                    "method"),
            missing("{\"custom_id\": \"a\", \"method\": \"POST\", " + BODY + "}", "url"),
            of(
                    "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", " + BODY + "}",
                    "invalid_url",
                    "url"),
            of(
                    "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"http://127.0.0.1/v1/completions\", " + BODY
                            + "}",
                    "invalid_url",
                    "url"),
            missing("{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/completions\"}", "body"),
            wrong("{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": []}", "body"),
            wrong(
                    "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/completions\", \"body\": \"{}\"}",
                    "body"),
            of("{\"custom_id\": \"good\", " + REST + "}", "duplicate_custom_id", "custom_id"),
            of("{\"custom_id\": \"a\", \"more\": \"" + "x".repeat(5000) + "\", " + REST + "}", "line_too_long", null));

    private static Case json(String line) {
        return of(line, "invalid_json_line", null);
    }

    private static Case missing(String line, String param) {
        return of(line, "missing_required_parameter", param);
    }

    private static Case wrong(String line, String param) {
        return of(line, "invalid_value", param);
    }

    private static Case of(String line, String code, String param) {
        return new Case(line.getBytes(StandardCharsets.UTF_8), code, param);
    }
}
