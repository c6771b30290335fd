package io.tandem.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Clients that ask one question after the other and check every answer. As OpenAI's own clients do, they ask again what was refused
 * as unavailable or did not get through; a stream that was cut off is lost. Owned by a test.
 */
final class SteadyLoad implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Between an answer and the next question: cores are left to start a process on. */
    private static final long THOUGHT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int OK = 200;
    private static final int TOO_MANY = 429;
    private static final int UNAVAILABLE = 503;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Client> clients = new ArrayList<>();
    private final URI url;
    private volatile boolean stopping;

    final AtomicInteger answered = new AtomicInteger();
    /** Refused with 503 or 429 and a time to come back at. */
    final AtomicInteger refused = new AtomicInteger();
    /** Whole requests whose connection broke. */
    final AtomicInteger broken = new AtomicInteger();
    /** Streams that ended with an error event. */
    final AtomicInteger streamsFailed = new AtomicInteger();
    /** Streams that ended with neither an error nor an end. */
    final AtomicInteger streamsBroken = new AtomicInteger();
    /** What must never happen, in words. */
    final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /** A question and its only right answer. */
    record Question(ObjectNode body, String answer) {}

    /** @param api where all go to */
    SteadyLoad(Api api) {
        this.url = URI.create(api.baseUrl() + "/chat/completions");
    }

    /** Starts a client with its questions, by their number. */
    void add(IntFunction<Question> questions) {
        Client client = new Client(questions);
        clients.add(client);
        threads.execute(client);
    }

    /** Waits until every client has had an answer to something that it asked after this call; how long that took. */
    Duration awaitRound() {
        long start = System.nanoTime();
        Eventually.holds(PATIENCE, "answering every client", () -> clients.stream()
                .allMatch(client -> client.answeredWhatWasAskedAt - start > 0));
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Forgets what was counted. */
    void reset() {
        List.of(answered, refused, broken, streamsFailed, streamsBroken).forEach(count -> count.set(0));
    }

    @Override
    public String toString() {
        return "%s answered, %s refused and asked again, %s whole and %s streamed ones broken off, %s streams ended with an error, wrong: %s"
                .formatted(answered, refused, broken, streamsBroken, streamsFailed, wrong);
    }

    @Override
    public void close() {
        stopping = true;
        threads.close();
        http.close();
    }

    /** One client; used by its own thread. */
    private final class Client implements Runnable {
        private final IntFunction<Question> questions;
        private volatile long answeredWhatWasAskedAt = System.nanoTime();

        private Client(IntFunction<Question> questions) {
            this.questions = questions;
        }

        @Override
        public void run() {
            for (int number = 0; !stopping; number++) {
                Question question = questions.apply(number);
                long asked = System.nanoTime();
                boolean over = ask(question);
                while (!over && !stopping) {
                    if (System.nanoTime() - asked > PATIENCE.toNanos()) {
                        wrong.add("no answer within " + PATIENCE + " to " + question);
                        return;
                    }
                    LockSupport.parkNanos(PAUSE_NANOS);
                    over = ask(question);
                }
                answeredWhatWasAskedAt = asked;
                LockSupport.parkNanos(THOUGHT_NANOS);
            }
        }

        /** @return false if it is to be asked again */
        private boolean ask(Question question) {
            try {
                HttpResponse<InputStream> response = http.send(
                        HttpRequest.newBuilder(url)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(question.body.toString()))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
                try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                    return take(question, response, lines);
                }
            } catch (IOException refusedOrCut) {
                broken.incrementAndGet();
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
        }

        private boolean take(Question question, HttpResponse<?> response, BufferedReader lines) throws IOException {
            int status = response.statusCode();
            if (status == UNAVAILABLE || status == TOO_MANY) {
                refused.incrementAndGet();
                if (response.headers().firstValue("Retry-After").isEmpty()) {
                    wrong.add(status + " without Retry-After: " + lines.readLine());
                }
                return false;
            }
            if (status != OK) {
                wrong.add(status + ": " + lines.readLine());
                return true;
            }
            if (question.body.path("stream").asBoolean()) {
                takeStream(question, lines);
            } else {
                check(
                        question,
                        Api.JSON
                                .readTree(lines.readLine())
                                .at("/choices/0/message/content")
                                .asText());
            }
            return true;
        }

        private void takeStream(Question question, BufferedReader lines) {
            StringBuilder text = new StringBuilder();
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.equals("data: [DONE]")) {
                        check(question, text.toString());
                        return;
                    }
                    if (line.startsWith("data: {\"error\"")) {
                        streamsFailed.incrementAndGet();
                        return;
                    }
                    if (line.startsWith("data: ")) {
                        JsonNode event = Api.JSON.readTree(line.substring("data: ".length()));
                        text.append(event.at("/choices/0/delta/content").asText(""));
                    }
                }
                streamsBroken.incrementAndGet();
            } catch (IOException cut) {
                streamsBroken.incrementAndGet();
            }
        }

        private void check(Question question, String text) {
            if (text.equals(question.answer)) {
                answered.incrementAndGet();
            } else {
                wrong.add("\"%s\" instead of \"%s\"".formatted(text, question.answer));
            }
        }
    }
}
