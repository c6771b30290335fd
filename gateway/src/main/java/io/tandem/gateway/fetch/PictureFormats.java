package io.tandem.gateway.fetch;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Tells pictures from other files by their first bytes; what their sender calls them counts for nothing. */
final class PictureFormats {

    /** Enough bytes to tell. */
    static final int HEAD_BYTES = 12;

    private static final List<String> BEGINNINGS =
            List.of("\u0089PNG\r\n\u001a\n", "\u00ff\u00d8\u00ff", "GIF87a", "GIF89a");

    private PictureFormats() {}

    /** Whether a file that begins like this may be one of the pictures that models are shown. */
    static boolean match(byte[] head) {
        return BEGINNINGS.stream().anyMatch(beginning -> hasAt(head, 0, beginning))
                || hasAt(head, 0, "RIFF") && hasAt(head, 8, "WEBP");
    }

    private static boolean hasAt(byte[] head, int offset, String magic) {
        byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
        int end = offset + expected.length;
        return end <= head.length && Arrays.equals(head, offset, end, expected, 0, expected.length);
    }
}
