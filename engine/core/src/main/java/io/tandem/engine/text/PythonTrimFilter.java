package io.tandem.engine.text;

import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.util.Objects;

/**
 * The {@code trim} filter as templates are written for it; immutable, thread-safe.
 *
 * <p>It takes off what Python's {@code str.strip} takes off. jinjava's own takes off the ASCII characters up to the
 * space, so that a no-break space or an ideographic space at the end of a message would give other tokens.
 */
final class PythonTrimFilter implements Filter {

    @Override
    public String getName() {
        return "trim";
    }

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
        String text = Objects.toString(value, "");
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (start < end && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** {@code str.isspace} of Python; all such characters are in the basic plane. */
    private static boolean isSpace(char character) {
        return Character.isWhitespace(character) || Character.isSpaceChar(character) || character == '\u0085';
    }
}
