package io.tandem.gateway.keys;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key that opens the API, as far as the server knows it. Immutable.
 *
 * @param owner whose it is; an owner may have several keys, as while one replaces another
 * @param sha256 of the key's UTF-8 bytes; not to be changed
 */
record ApiKey(String owner, byte[] sha256) {

    private static final Pattern ENTRY = Pattern.compile("([A-Za-z0-9._-]{1,64}):([0-9A-Fa-f]{64})");

    /**
     * Reads {@code owner:sha256}, the digest in hexadecimal.
     *
     * @param place where the entry stands, for error messages, which never repeat it: it may be a key by mistake
     * @throws IllegalArgumentException if it has another form
     */
    static ApiKey parse(String entry, String place) {
        Matcher parts = ENTRY.matcher(entry.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "%s is no NAME:SHA256: the name has 1 to 64 of A-Z a-z 0-9 . _ -, the SHA-256 of the key 64 hexadecimal digits"
                            .formatted(place));
        }
        return new ApiKey(parts.group(1), HexFormat.of().parseHex(parts.group(2)));
    }
}
