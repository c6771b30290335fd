package io.tandem.gateway.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.fake.FreePorts;
import io.tandem.gateway.fetch.RemotePicture;
import io.tandem.gateway.openai.RemotePictures;
import io.tandem.gateway.pipeline.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Where answers say that their time went. */
@QuarkusTest
@QuarkusTestResource(FreePorts.class)
class TimingsTest extends ApiTest {

    private static final Duration PACE = Duration.ofMillis(80);

    @Test
    void readingTakesItsTimeOnce() {
        cluster.encoder.take(PACE);
        String question = "\"prompt\": \"hi\"";
        Map<String, Double> first = timings(COMPLETIONS, question, "miss");
        assertEquals(List.of("decode", "encode", "queue", "transfer", "vision"), List.copyOf(first.keySet()));
        assertTrue(first.get("encode") >= PACE.toMillis(), first.toString());
        Map<String, Double> second = timings(COMPLETIONS, question, "hit");
        assertTrue(second.get("encode") > 0 && second.get("encode") < first.get("encode"), second.toString());
    }

    @Test
    void vectorsTellIt() {
        Map<String, Double> timings = timings("/v1/embeddings", "\"input\": \"hi\"", "miss");
        assertTrue(timings.get("encode") > 0, timings.toString());
        assertEquals(0, timings.get("decode"));
    }

    @Test
    void fetchingIsToldOfByWhomSomethingWasFetchedFor() {
        assertEquals(
                "queue;dur=1.000, fetch;dur=2.500, vision;dur=3.000, encode;dur=4.000, transfer;dur=5.000, decode;dur=6.000",
                AnswerHeaders.serverTiming(new Timings(1000, 2500, 3000, 4000, 5000, 6000)));
        assertEquals(
                "queue;dur=0.000, vision;dur=0.000, encode;dur=0.000, transfer;dur=0.000, decode;dur=0.000",
                AnswerHeaders.serverTiming(Timings.before(Duration.ZERO, Duration.ZERO)));
    }

    @Test
    void fetchingIsMeasuredEvenWhereItFails() {
        RemotePictures slow = named -> {
            LockSupport.parkNanos(PACE.toNanos());
            throw new TandemException(
                    ErrorCode.INVALID_IMAGE_URL, named.getFirst().field(), "gone");
        };
        TimedPictures pictures = new TimedPictures(slow);
        assertEquals(Duration.ZERO, pictures.taken());
        assertThrows(TandemException.class, () -> pictures.fetch(List.of(new RemotePicture("http://a", "images[0]"))));
        assertTrue(
                pictures.taken().compareTo(PACE.dividedBy(2)) > 0,
                pictures.taken().toString());
    }

    /** Milliseconds by hop. */
    private static Map<String, Double> timings(String path, String fields, String cache) {
        String header = given().contentType(ContentType.JSON)
                .body("{\"model\": \"t5gemma-2\", " + fields + "}")
                .post(path)
                .then()
                .statusCode(200)
                .header("x-tandem-cache", cache)
                .extract()
                .header("server-timing");
        Map<String, Double> timings = new TreeMap<>();
        for (String entry : header.split(", ")) {
            String[] parts = entry.split(";dur=");
            timings.put(parts[0], Double.parseDouble(parts[1]));
        }
        return timings;
    }
}
