package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A place in a request's body, there or not, under the path that error messages call it by, say
 * {@code messages[0].content[1].image_url.url}. As in OpenAI's API, null counts as not there. Used by the request's thread.
 */
final class Field {

    private final JsonNode node;
    private final String path;
    private final Set<String> asked = new HashSet<>(4);

    private Field(JsonNode node, String path) {
        this.node = node;
        this.path = path;
    }

    /** The body itself. */
    static Field body(JsonNode node) {
        if (!node.isObject()) {
            throw new TandemException(
                    ErrorCode.INVALID_REQUEST, null, "The body must be a JSON object, not " + kind(node) + ".");
        }
        return new Field(node, "");
    }

    String path() {
        return path;
    }

    boolean isSet() {
        return node != null && !node.isNull();
    }

    boolean isText() {
        return isSet() && node.isTextual();
    }

    boolean isList() {
        return isSet() && node.isArray();
    }

    boolean isNumber() {
        return isSet() && node.isNumber();
    }

    /** The value itself, for {@link Refusals}. */
    JsonNode node() {
        return node;
    }

    /** A member of this object; this must be one. */
    Field get(String name) {
        if (!isSet() || !node.isObject()) {
            throw wrongType("an object");
        }
        asked.add(name);
        return new Field(node.get(name), path.isEmpty() ? name : path + "." + name);
    }

    /** A member that must be there. */
    Field require(String name) {
        Field member = get(name);
        if (!member.isSet()) {
            throw member.invalid("is required");
        }
        return member;
    }

    /** Members that nobody has asked for. */
    Set<String> unread() {
        Set<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        names.removeAll(asked);
        return names;
    }

    /** The members of this object by name, in the client's order; this must be one. */
    Map<String, Field> members() {
        if (!isSet() || !node.isObject()) {
            throw wrongType("an object");
        }
        Map<String, Field> members = new LinkedHashMap<>();
        node.fieldNames().forEachRemaining(name -> members.put(name, get(name)));
        return members;
    }

    /** The items of this list; this must be one. */
    List<Field> items() {
        if (!isList()) {
            throw wrongType("a list");
        }
        List<Field> items = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            items.add(new Field(node.get(i), path + "[" + i + "]"));
        }
        return items;
    }

    String text() {
        if (!isText()) {
            throw wrongType("a string");
        }
        String text = node.textValue();
        // Encoders replace what is malformed; the model would then read something that nobody wrote.
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw invalid("holds half of a surrogate pair, which is no character");
        }
        return text;
    }

    boolean flag(boolean whenAbsent) {
        if (!isSet()) {
            return whenAbsent;
        }
        if (!node.isBoolean()) {
            throw wrongType("a boolean");
        }
        return node.booleanValue();
    }

    long integer(long min, long max) {
        if (!isSet() || !node.isIntegralNumber()) {
            throw wrongType("an integer");
        }
        if (!node.canConvertToLong() || node.longValue() < min || node.longValue() > max) {
            throw invalid("is %s, must be between %d and %d".formatted(shown(), min, max));
        }
        return node.longValue();
    }

    double number(double min, double max) {
        if (!isNumber()) {
            throw wrongType("a number");
        }
        double value = node.doubleValue();
        if (!(value >= min && value <= max)) {
            throw invalid(String.format(Locale.ROOT, "is %s, must be between %s and %s", shown(), min, max));
        }
        return value;
    }

    /** Token ids: integers from 0 up to, not including, the size of the vocabulary. */
    List<Integer> tokenIds(int vocabularySize) {
        if (!isList()) {
            throw wrongType("a list");
        }
        // Prompts are long: a Field is made for the item at fault only.
        List<Integer> ids = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            JsonNode id = node.get(i);
            if (!id.isInt() || id.intValue() < 0 || id.intValue() >= vocabularySize) {
                new Field(id, path + "[" + i + "]").integer(0, vocabularySize - 1L);
            }
            ids.add(id.intValue());
        }
        return ids;
    }

    /** A failure of this field; the reason goes on after its name. */
    TandemException invalid(String reason) {
        return failure(ErrorCode.INVALID_REQUEST, reason);
    }

    TandemException failure(ErrorCode code, String reason) {
        return new TandemException(code, path, path + " " + reason + ".");
    }

    private TandemException wrongType(String expected) {
        return isSet() ? invalid("must be " + expected + ", not " + kind(node)) : invalid("is required");
    }

    /** A number as the client wrote it, cut when it is absurdly long. */
    private String shown() {
        String text = node.asText();
        return text.length() <= 24 ? text : text.substring(0, 24) + "...";
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case BOOLEAN -> "a boolean";
            case NUMBER -> "a number";
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a string";
            case NULL, MISSING -> "nothing";
        };
    }
}
