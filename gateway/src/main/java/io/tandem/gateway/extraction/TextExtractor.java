package io.tandem.gateway.extraction;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.logging.Log;
import org.apache.fontbox.FontBoxFont;
import org.apache.pdfbox.io.RandomAccessRead;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.jsoup.Jsoup;

/**
 * Takes the text out of documents: plain texts here, everything else in a process of its own with a bounded heap, killed when its
 * time is over, as no thread of this one could be. Thread-safe; calls block.
 */
public final class TextExtractor {

    /** A text's bytes a character, at most. */
    private static final int MAX_CHARACTER_BYTES = 4;

    private final ExtractionLimits limits;
    private final Semaphore places;

    /** @param limits bound every document */
    public TextExtractor(ExtractionLimits limits) {
        this.limits = limits;
        this.places = new Semaphore(limits.parallel(), true);
    }

    /**
     * Reads a document; blocks, first for its turn.
     *
     * @param document any file but a picture
     * @param scratch path that nothing is at, for what the process writes
     * @return its text, which is not blank
     * @throws UnreadableException why there is none
     * @throws InterruptedException if the thread was interrupted; the process is ended then
     */
    public String text(Path document, Path scratch) throws IOException, UnreadableException, InterruptedException {
        DocumentFormat format = format(document);
        String text = format == DocumentFormat.TEXT ? plain(document) : inProcess(format, document, scratch);
        if (text.isBlank()) {
            throw new UnreadableException("holds no text");
        }
        return text;
    }

    /** The kind of a file, by its content. */
    public static DocumentFormat format(Path document) throws IOException {
        try (var bytes = Files.newInputStream(document)) {
            return DocumentFormat.of(bytes.readNBytes(DocumentFormat.HEAD_BYTES));
        }
    }

    private String plain(Path document) throws IOException, UnreadableException {
        if (Files.size(document) > (long) limits.maxCharacters() * MAX_CHARACTER_BYTES) {
            throw limits.tooLong();
        }
        String text = PlainText.read(Files.readAllBytes(document));
        if (text.length() > limits.maxCharacters()) {
            throw limits.tooLong();
        }
        return text;
    }

    private String inProcess(DocumentFormat format, Path document, Path scratch)
            throws IOException, UnreadableException, InterruptedException {
        places.acquire();
        try {
            Files.createDirectory(scratch);
            Path result = scratch.resolve("result");
            Process process = new ProcessBuilder(command(format, document, scratch, result))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                if (!process.waitFor(limits.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                    throw limits.tooSlow();
                }
            } finally {
                process.destroyForcibly().waitFor();
            }
            return switch (process.exitValue()) {
                case ExtractionMain.READ -> Files.readString(result);
                case ExtractionMain.UNREADABLE -> throw new UnreadableException(Files.readString(result));
                case ExtractionMain.OUT_OF_MEMORY -> throw limits.tooLarge();
                default ->
                    throw new IOException(
                            "the process that reads a %s ended with code %d".formatted(format, process.exitValue()));
            };
        } finally {
            places.release();
            delete(scratch);
        }
    }

    private List<String> command(DocumentFormat format, Path document, Path scratch, Path result) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + limits.heapBytes(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Djava.awt.headless=true",
                // What its libraries write for a moment, or would keep in the user's home.
                "-Djava.io.tmpdir=" + scratch,
                "-Dpdfbox.fontcache=" + scratch,
                "-cp",
                classPath(),
                ExtractionMain.class.getName(),
                format.name(),
                document.toString(),
                result.toString(),
                Integer.toString(limits.maxPages()),
                Integer.toString(limits.maxCharacters()));
    }

    /** The jars of these classes, wherever the application's class loader has them from. */
    private static String classPath() {
        return Stream.of(
                        ExtractionMain.class,
                        PDDocument.class,
                        RandomAccessRead.class,
                        FontBoxFont.class,
                        Log.class,
                        Jsoup.class)
                .map(TextExtractor::location)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            return Path.of(source.getLocation().toURI()).toString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(type + " is at no place", impossible);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> paths = Files.walk(folder)) {
            all = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
