package io.tandem.bench;

import io.tandem.engine.ops.WeightFormat;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Another system that runs the same model, and its figures.
 *
 * @param name system and precision, as in {@code transformers-fp32}
 * @param figures by measure, as in {@code encode 512}: tokens a second, for {@code vision} seconds a picture
 */
record Peer(String name, Map<String, Double> figures) {

    /** As in "encode 512 tokens (+1 decoded): 673 tokens/s", "decode batch 8: 64.2 tokens/s", "vision 896 px: 29.1 s". */
    private static final Pattern LINE = Pattern.compile(
            "(encode|decode|vision)(?: batch)? (\\d+)[^:]*: *([0-9.]+) (?:tokens/s|s).*", Pattern.CASE_INSENSITIVE);

    /** Reads what a peer's script printed; other lines mean nothing. */
    static Peer parse(String name, Collection<String> lines) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher matcher = LINE.matcher(line.strip());
            if (matcher.matches()) {
                figures.put(matcher.group(1) + " " + matcher.group(2), Double.valueOf(matcher.group(3)));
            }
        }
        return new Peer(name, figures);
    }

    /** Whether its weights are kept as ours are or finer, so that its figures may be held against ours. */
    boolean isSamePrecision(WeightFormat ours) {
        return ours == WeightFormat.INT8 || !name.endsWith("int8");
    }
}
