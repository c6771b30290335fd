package io.tandem.engine.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The file formats that are accepted, told apart by how a file begins and never by what its sender calls it. */
enum ImageFormat {
    PNG("PNG") {
        @Override
        boolean begins(byte[] file) {
            return startsWith(file, 0, "\u0089PNG\r\n\u001a\n");
        }
    },
    JPEG("JPEG") {
        @Override
        boolean begins(byte[] file) {
            return startsWith(file, 0, "\u00ff\u00d8\u00ff");
        }
    },
    WEBP("WebP") {
        @Override
        boolean begins(byte[] file) {
            return startsWith(file, 0, "RIFF") && startsWith(file, 8, "WEBP");
        }
    },
    GIF("GIF") {
        @Override
        boolean begins(byte[] file) {
            return startsWith(file, 0, "GIF87a") || startsWith(file, 0, "GIF89a");
        }
    };

    /** For messages. */
    static final String ACCEPTED = "accepted are PNG, JPEG, WebP and GIF";

    private final String title;

    ImageFormat(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    abstract boolean begins(byte[] file);

    static Optional<ImageFormat> of(byte[] file) {
        return Arrays.stream(values()).filter(format -> format.begins(file)).findFirst();
    }

    private static boolean startsWith(byte[] file, int offset, String magic) {
        byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
        int end = offset + expected.length;
        return file.length >= end && Arrays.equals(file, offset, end, expected, 0, expected.length);
    }
}
