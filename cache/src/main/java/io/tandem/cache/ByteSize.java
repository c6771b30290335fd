package io.tandem.cache;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory as people write it in settings: {@code 1048576}, {@code 512K}, {@code 64M}, {@code 4G}, with
 * powers of 1024. Immutable.
 *
 * @param bytes the amount, not negative
 */
public record ByteSize(long bytes) {
    private static final Pattern FORMAT = Pattern.compile("(\\d{1,18})\\s*([KMGT]?)(?:I?B)?");

    /** Refuses negative amounts. */
    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a memory size is not negative, this one is " + bytes);
        }
    }

    /**
     * Reads an amount; the configuration library finds this method by its name.
     *
     * @throws IllegalArgumentException if the text is no amount or is 8 EiB or more
     */
    public static ByteSize parse(CharSequence text) {
        Matcher matcher = FORMAT.matcher(text.toString().strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no memory size; write it like 512K, 64M or 4G");
        }
        long count = Long.parseLong(matcher.group(1));
        int shift = 10 * ("KMGT".indexOf(matcher.group(2)) + 1);
        long unit = matcher.group(2).isEmpty() ? 1 : 1L << shift;
        try {
            return new ByteSize(Math.multiplyExact(count, unit));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'" + text + "' is more than a memory size can be", e);
        }
    }
}
