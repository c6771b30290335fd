package io.tandem.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the figures of other systems: what their scripts printed before, or what they print now. */
final class Peers {

    private static final String SUFFIX = ".txt";

    /** A script, the precision to give it, and the name of the peer it measures. */
    private record Script(String file, String precision, String name) {}

    private static final List<Script> SCRIPTS = List.of(
            new Script("bench_transformers.py", "fp32", "transformers-fp32"),
            new Script("bench_transformers.py", "bf16", "transformers-bf16"),
            new Script("bench_ctranslate2.py", "float32", "ctranslate2-float32"),
            new Script("bench_ctranslate2.py", "int8", "ctranslate2-int8"));

    private Peers() {}

    /**
     * Reads what scripts printed.
     *
     * @param folder with one file for each peer, named as in {@code transformers-bf16.txt}
     * @throws IllegalArgumentException if there is none
     */
    static List<Peer> read(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> captured = files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList();
            if (captured.isEmpty()) {
                throw new IllegalArgumentException("--peers: " + folder + " has no file that ends with " + SUFFIX
                        + "; to run the scripts in it, give --peers-checkpoint");
            }
            List<Peer> peers = new ArrayList<>();
            for (Path file : captured) {
                String name = file.getFileName().toString();
                peers.add(Peer.parse(name.substring(0, name.length() - SUFFIX.length()), Files.readAllLines(file)));
            }
            return peers;
        } catch (IOException e) {
            throw new IllegalArgumentException("--peers: " + folder + " can't be read: " + e.getMessage(), e);
        }
    }

    /**
     * Runs the scripts one after the other.
     *
     * @param folder with {@code bench_transformers.py} and {@code bench_ctranslate2.py}
     * @param python an interpreter that has the libraries they need
     * @param checkpoint what they measure
     * @throws IllegalArgumentException if a script fails; what it says is on standard error
     */
    static List<Peer> run(Path folder, Path python, Path checkpoint, int threads, Report report) {
        List<Peer> peers = new ArrayList<>();
        for (Script script : SCRIPTS) {
            report.progress("Measuring " + script.name());
            peers.add(Peer.parse(
                    script.name(),
                    output(List.of(
                            python.toString(),
                            folder.resolve(script.file()).toString(),
                            checkpoint.toString(),
                            script.precision(),
                            String.valueOf(threads)))));
        }
        return peers;
    }

    private static List<String> output(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            List<String> lines = process.inputReader().readAllLines();
            int code = process.waitFor();
            if (code != 0) {
                throw new IllegalArgumentException(
                        "--peers: " + String.join(" ", command) + " ended with code " + code);
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a peer was measured", e);
        }
    }
}
