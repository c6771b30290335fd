package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the README's quick start shows runs as it stands there. */
@ExtendWith(DemoServer.class)
class ReadmeIT {

    private static final Path ROOT = Path.of(System.getProperty("tandem.root"));
    /** Where ./run listens; the tests' server is elsewhere. */
    private static final String SHOWN = "http://localhost:8080/";

    @Test
    void clientsInJavaAnswer(TandemProcess tandem) throws IOException {
        List<String> programs = programs("java", tandem);
        assertEquals(2, programs.size());
        for (String program : programs) {
            String output = run(program);
            assertFalse(output.isBlank(), program);
        }
    }

    @Test
    void theClientInPythonAnswers(TandemProcess tandem) throws IOException, InterruptedException {
        String python = System.getenv().getOrDefault("TANDEM_PYTHON", "python3");
        assumeTrue(
                new ProcessBuilder(python, "-c", "import openai").start().waitFor() == 0,
                python + " has no package openai: `pip install openai`, or set TANDEM_PYTHON to a python that has it");
        List<String> programs = programs("python", tandem);
        assertEquals(1, programs.size());
        Process client = new ProcessBuilder(python, "-c", programs.getFirst())
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, client.waitFor(), output);
    }

    private static List<String> programs(String language, TandemProcess tandem) throws IOException {
        Pattern block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL);
        return block.matcher(Files.readString(ROOT.resolve("README.md")))
                .results()
                .map(found -> found.group(1).replace(SHOWN, tandem.api().page()))
                .toList();
    }

    /** Runs statements one by one and returns what they print. */
    private static String run(String program) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (JShell shell = JShell.builder()
                .out(new PrintStream(output, true, StandardCharsets.UTF_8))
                .err(new PrintStream(output, true, StandardCharsets.UTF_8))
                .build()) {
            shell.addToClasspath(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
            SourceCodeAnalysis.CompletionInfo rest = shell.sourceCodeAnalysis().analyzeCompletion(program);
            while (!rest.source().isBlank()) {
                for (SnippetEvent event : shell.eval(rest.source())) {
                    assertEquals(Snippet.Status.VALID, event.status(), rest.source() + "\n" + output);
                    if (event.exception() != null) {
                        throw new AssertionError(rest.source() + "\n" + output, event.exception());
                    }
                }
                rest = shell.sourceCodeAnalysis().analyzeCompletion(rest.remaining());
            }
        }
        return output.toString(StandardCharsets.UTF_8);
    }
}
