package io.tandem.deploy.split;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The one terminal of all processes: each line says whose it is. Thread-safe. */
final class Output {

    private final PrintStream terminal;

    Output(PrintStream terminal) {
        this.terminal = terminal;
    }

    /** Says something of the supervisor's own. */
    void say(String line) {
        terminal.println(line);
        terminal.flush();
    }

    /** Passes on what a process says, on a thread of its own, until it ends. */
    void follow(String name, Process process) {
        Thread.ofPlatform().daemon().name("split-output-" + name).start(() -> {
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    say(name + " | " + line);
                }
            } catch (IOException closed) {
                say(name + " | (" + closed.getMessage() + ")");
            }
        });
    }
}
