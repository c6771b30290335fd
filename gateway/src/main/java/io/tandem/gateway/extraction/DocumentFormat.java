package io.tandem.gateway.extraction;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Kinds of files, told apart by their first bytes; what their sender calls them counts for nothing. */
public enum DocumentFormat {
    PDF,
    /** A ZIP archive; Office documents are such. */
    ARCHIVE,
    PICTURE,
    HTML,
    /** Whatever is none of the others: a text, or nothing that can be read. */
    TEXT;

    /** Enough bytes to tell. */
    public static final int HEAD_BYTES = 1024;

    /** The kind of a file that begins like this. */
    public static DocumentFormat of(byte[] head) {
        String start = new String(head, StandardCharsets.ISO_8859_1);
        // Readers of PDFs allow for something in front.
        if (start.contains("%PDF-")) {
            return PDF;
        }
        if (start.startsWith("PK\u0003\u0004")) {
            return ARCHIVE;
        }
        if (isPicture(start)) {
            return PICTURE;
        }
        return isHtml(start) ? HTML : TEXT;
    }

    private static boolean isPicture(String start) {
        return start.startsWith("\u0089PNG\r\n\u001a\n")
                || start.startsWith("\u00ff\u00d8\u00ff")
                || start.startsWith("GIF87a")
                || start.startsWith("GIF89a")
                || start.startsWith("RIFF") && start.startsWith("WEBP", 8);
    }

    private static boolean isHtml(String start) {
        String text = start.startsWith("\u00ef\u00bb\u00bf") ? start.substring(3) : start;
        text = text.stripLeading().toLowerCase(Locale.ROOT);
        while (text.startsWith("<!--") && text.contains("-->")) {
            text = text.substring(text.indexOf("-->") + 3).stripLeading();
        }
        return text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<head");
    }
}
