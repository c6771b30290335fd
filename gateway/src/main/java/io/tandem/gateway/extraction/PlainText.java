package io.tandem.gateway.extraction;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Texts of any sender: in the charset that their byte order mark names, else strictly in UTF-8. */
final class PlainText {

    private PlainText() {}

    static String read(byte[] bytes) throws UnreadableException {
        Charset charset = StandardCharsets.UTF_8;
        int mark = 0;
        if (startsWith(bytes, 0xef, 0xbb, 0xbf)) {
            mark = 3;
        } else if (startsWith(bytes, 0xff, 0xfe, 0, 0)) {
            charset = Charset.forName("UTF-32LE");
            mark = 4;
        } else if (startsWith(bytes, 0, 0, 0xfe, 0xff)) {
            charset = Charset.forName("UTF-32BE");
            mark = 4;
        } else if (startsWith(bytes, 0xff, 0xfe)) {
            charset = StandardCharsets.UTF_16LE;
            mark = 2;
        } else if (startsWith(bytes, 0xfe, 0xff)) {
            charset = StandardCharsets.UTF_16BE;
            mark = 2;
        }
        String text;
        try {
            text = charset.newDecoder()
                    .decode(ByteBuffer.wrap(bytes, mark, bytes.length - mark))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new UnreadableException(
                    mark > 0
                            ? "begins with the byte order mark of %s but is not in it".formatted(charset)
                            : "is neither a text in UTF-8, nor in UTF-16 or UTF-32 with a byte order mark, nor a PDF, DOCX, HTML or picture");
        }
        if (text.indexOf('\0') >= 0) {
            throw new UnreadableException("holds zero bytes, so it is no text, nor is it a PDF, DOCX, HTML or picture");
        }
        return text;
    }

    private static boolean startsWith(byte[] bytes, int... beginning) {
        if (bytes.length < beginning.length) {
            return false;
        }
        for (int i = 0; i < beginning.length; i++) {
            if (Byte.toUnsignedInt(bytes[i]) != beginning[i]) {
                return false;
            }
        }
        return true;
    }
}
