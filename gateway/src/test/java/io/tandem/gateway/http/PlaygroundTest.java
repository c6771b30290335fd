package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.tandem.gateway.fake.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The playground as files over HTTP; what it does stands in PlaygroundIT of deploy. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class PlaygroundTest extends ApiTest {

    private static final Path SOURCES =
            Path.of(System.getProperty("tandem.root"), "gateway/src/main/resources/playground");

    /** Anything that a browser would fetch from elsewhere; names of XML's languages are no addresses. */
    private static final Pattern ELSEWHERE =
            Pattern.compile("(?:https?:)?//(?!www\\.w3\\.org/)[a-z0-9.-]+\\.[a-z]{2,}");
    /** What the security policy would not let run: scripts, styles and handlers in the markup. */
    private static final Pattern INLINE = Pattern.compile("<style|<script(?![^>]* src=)|\\s(?:style|on[a-z]+)=\"");

    private static final Pattern IMPORT = Pattern.compile("(?:from|import)\\s*\\(?\"\\./([^\"]+)\"");

    @Test
    void thePageAllowsNothingFromElsewhere() {
        given().get("/")
                .then()
                .statusCode(200)
                .header("content-type", "text/html; charset=utf-8")
                .header(
                        "content-security-policy",
                        startsWith("default-src 'none'; script-src 'self'; style-src 'self';"))
                .header("x-content-type-options", "nosniff")
                .header("x-frame-options", "DENY")
                .header("referrer-policy", "no-referrer")
                .header("cross-origin-opener-policy", "same-origin")
                .header("cross-origin-resource-policy", "same-origin")
                .header("cache-control", "no-cache");
    }

    @Test
    void everyFileIsServedAsWhatItIs() throws IOException {
        for (Path file : sources()) {
            String name = file.getFileName().toString();
            String type = name.endsWith(".js") ? "text/javascript" : name.endsWith(".css") ? "text/css" : "";
            given().get("/playground/" + name)
                    .then()
                    .statusCode(200)
                    .header("content-type", startsWith(type))
                    .body(equalTo(Files.readString(file)));
        }
    }

    @Test
    void whatHasNotChangedIsNotSentAgain() {
        String tag = given().get("/playground/app.js").header("etag");
        given().header("if-none-match", tag)
                .get("/playground/app.js")
                .then()
                .statusCode(304)
                .body(emptyString());
        given().header("if-none-match", "\"another\"")
                .get("/playground/app.js")
                .then()
                .statusCode(200);
        given().head("/playground/app.js")
                .then()
                .statusCode(200)
                .header("etag", tag)
                .header("content-length", not("0"));
    }

    @Test
    void nothingElseCanBeReached() {
        for (String name :
                List.of("nothing.js", "..%2fopenapi.json", "%2e%2e/openapi.json", "../openapi.json", "", "vendor/")) {
            given().urlEncodingEnabled(false).get("/playground/" + name).then().statusCode(404);
        }
        given().get("/playground").then().statusCode(404);
        given().post("/playground/app.js").then().statusCode(404);
    }

    @Test
    void sourcesFetchNothingFromElsewhereAndRunNothingInline() throws IOException {
        for (Path file : sources()) {
            String source = Files.readString(file);
            Matcher elsewhere = ELSEWHERE.matcher(source);
            assertFalse(elsewhere.find(), () -> file + " names " + elsewhere.group());
            assertFalse(source.contains("innerHTML"), () -> file + " makes markup of text");
        }
        Matcher inline = INLINE.matcher(Files.readString(SOURCES.resolve("index.html")));
        assertFalse(inline.find(), () -> "index.html holds " + inline.group());
    }

    @Test
    void everyImportLeadsToAFile() throws IOException {
        int imports = 0;
        for (Path file : sources()) {
            Matcher found = IMPORT.matcher(Files.readString(file));
            while (found.find()) {
                imports++;
                assertEquals(200, given().get("/playground/" + found.group(1)).statusCode(), found.group());
            }
        }
        assertTrue(imports > 10, "only " + imports + " imports were found");
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.toList();
        }
    }
}
