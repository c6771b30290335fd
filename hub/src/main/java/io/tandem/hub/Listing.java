package io.tandem.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files of a repository at one commit.
 *
 * @param commit 40 hex digits
 * @param files by name; without a description where the hub gives none in its list, as some mirrors do
 */
record Listing(String commit, Map<String, Optional<RemoteFile>> files) {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    boolean has(String name) {
        return files.containsKey(name);
    }

    /**
     * Reads the answer of {@code /api/models/OWNER/NAME/revision/REVISION?blobs=true}.
     *
     * @param origin where it comes from, for messages
     * @throws HubException if it isn't such an answer, or names a file outside the repository
     */
    static Listing parse(String origin, byte[] json) {
        JsonNode root = tree(origin, json);
        String commit = root.path("sha").asText();
        if (!COMMIT.matcher(commit).matches() || !root.path("siblings").isArray()) {
            throw new HubException(origin + " does not answer as a hub does: no commit and list of files;"
                    + " does HF_ENDPOINT name a hub?");
        }
        Map<String, Optional<RemoteFile>> files = new LinkedHashMap<>();
        for (JsonNode sibling : root.path("siblings")) {
            String name = sibling.path("rfilename").asText();
            refuseEscape(origin, name);
            files.put(name, file(name, sibling));
        }
        return new Listing(commit, files);
    }

    private static Optional<RemoteFile> file(String name, JsonNode sibling) {
        JsonNode lfs = sibling.path("lfs");
        JsonNode size = lfs.path("size").canConvertToLong() ? lfs.path("size") : sibling.path("size");
        if (!size.canConvertToLong() || size.asLong() < 0) {
            return Optional.empty();
        }
        String id = lfs.isObject()
                ? lfs.path("sha256").asText()
                : sibling.path("blobId").asText();
        return BlobId.of(id).map(known -> new RemoteFile(name, size.asLong(), known));
    }

    /** A hub that lists such a name is broken or hostile; nothing of it is trusted. */
    private static void refuseEscape(String origin, String name) {
        boolean escapes = name.isEmpty()
                || name.startsWith("/")
                || name.indexOf('\\') >= 0
                || name.indexOf('\0') >= 0
                || name.matches("[A-Za-z]:.*");
        for (String part : name.split("/", -1)) {
            escapes |= part.isEmpty() || part.equals(".") || part.equals("..");
        }
        if (escapes) {
            throw new HubException(origin + " lists a file named \"" + name.replaceAll("\\p{Cntrl}", "?")
                    + "\", which would lie outside the repository's folder; nothing is downloaded");
        }
    }

    private static JsonNode tree(String origin, byte[] json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new HubException(
                    origin + " does not answer as a hub does: " + e.getOriginalMessage()
                            + "; does HF_ENDPOINT name a hub, and is there a proxy between?",
                    e);
        } catch (IOException e) {
            throw new IllegalStateException("an array in memory can't fail to be read", e);
        }
    }
}
