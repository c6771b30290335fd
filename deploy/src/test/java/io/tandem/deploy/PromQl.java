package io.tandem.deploy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a PromQL expression asks for: metrics with the labels that it selects them by, and the labels by which it groups. Understands
 * as much of the language as dashboards and rules use. Immutable.
 *
 * @param selectors in the order of the text
 * @param grouping labels after {@code by}, {@code without}, {@code on} and the like
 */
record PromQl(List<Selector> selectors, Set<String> grouping) {

    private static final Set<String> GROUPING = Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset", "inf", "nan");

    private static final Pattern TOKEN = Pattern.compile(
            "(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?<labels>\\{[^}]*})|(?<range>\\[[^]]*])|(?<text>\"[^\"]*\")|(?<number>[0-9][0-9.a-zA-Z]*)|(?<other>\\S)");
    /** Between an aggregation and its parenthesis. */
    private static final Pattern AGGREGATES = Pattern.compile("(?:by|without)\\s*\\(");

    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)\\s*(?:=~|!~|!=|=)");
    private static final Pattern WORD = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    /**
     * One metric.
     *
     * @param labels that it is selected by
     */
    record Selector(String metric, Set<String> labels) {}

    static PromQl parse(String expression) {
        List<Selector> selectors = new ArrayList<>();
        Set<String> grouping = new TreeSet<>();
        Matcher token = TOKEN.matcher(expression);
        int from = 0;
        while (token.find(from)) {
            from = token.end();
            String name = token.group("name");
            if (name == null || OPERATORS.contains(name)) {
                continue;
            }
            String rest = expression.substring(from).stripLeading();
            if (GROUPING.contains(name) && rest.startsWith("(")) {
                int close = expression.indexOf(')', from);
                words(WORD, expression.substring(from, close), 0, grouping);
                from = close + 1;
            } else if (!rest.startsWith("(") && !AGGREGATES.matcher(rest).lookingAt() && !GROUPING.contains(name)) {
                Set<String> labels = new TreeSet<>();
                if (rest.startsWith("{")) {
                    words(LABEL, rest.substring(1, rest.indexOf('}')), 1, labels);
                }
                selectors.add(new Selector(name, labels));
            }
        }
        return new PromQl(List.copyOf(selectors), Set.copyOf(grouping));
    }

    private static void words(Pattern pattern, String text, int group, Set<String> into) {
        Matcher word = pattern.matcher(text);
        while (word.find()) {
            into.add(word.group(group));
        }
    }
}
