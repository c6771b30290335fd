package io.tandem.gateway.extraction;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The process that reads one document: whatever a hostile one does to its memory or its time ends here. Arguments: format, document,
 * file to write to, most pages, most characters; exits with {@link #READ} or {@link #UNREADABLE} and has
 * written text or reason, or with {@link #OUT_OF_MEMORY}.
 */
public final class ExtractionMain {

    static final int READ = 0;
    static final int UNREADABLE = 3;
    static final int OUT_OF_MEMORY = 4;

    private ExtractionMain() {}

    /** Reads one document. */
    public static void main(String... arguments) throws IOException {
        ExtractionLimits limits = new ExtractionLimits(
                1, Duration.ZERO, 0, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
        Path result = Path.of(arguments[2]);
        int code;
        try {
            Files.writeString(result, read(DocumentFormat.valueOf(arguments[0]), new File(arguments[1]), limits));
            code = READ;
        } catch (UnreadableException reason) {
            Files.writeString(result, reason.getMessage());
            code = UNREADABLE;
        } catch (OutOfMemoryError tooLarge) {
            code = OUT_OF_MEMORY;
        }
        Runtime.getRuntime().halt(code);
    }

    private static String read(DocumentFormat format, File file, ExtractionLimits limits) throws UnreadableException {
        TextCollector text = new TextCollector(limits.maxCharacters());
        try {
            switch (format) {
                case PDF -> PdfText.read(file, text, limits);
                case ARCHIVE -> DocxText.read(file, text);
                case HTML -> HtmlText.read(file, text);
                case TEXT, PICTURE -> throw new IllegalArgumentException(format + " is read where it is");
            }
        } catch (TextCollector.FullException full) {
            throw limits.tooLong();
        } catch (IOException | RuntimeException | StackOverflowError malformed) {
            throw new UnreadableException("is a damaged file, or not what it begins like");
        }
        // A character of the original may be half of a pair; files are UTF-8.
        return new String(text.text().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
