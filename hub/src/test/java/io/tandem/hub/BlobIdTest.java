package io.tandem.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.MessageDigest;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BlobIdTest {

    /** What {@code git hash-object} and {@code sha256sum} say of an empty file. */
    private static final String GIT_EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

    private static final String SHA_256_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void digestsAsGitAndGitLfsDo() {
        for (String hex : new String[] {GIT_EMPTY, SHA_256_EMPTY}) {
            MessageDigest digest = new BlobId(hex).newDigest(0);
            assertEquals(new BlobId(hex), BlobId.of(digest));
        }
    }

    @Test
    void readsTags() {
        assertEquals(Optional.of(new BlobId(GIT_EMPTY)), BlobId.of("\"" + GIT_EMPTY + "\""));
        assertEquals(Optional.of(new BlobId(SHA_256_EMPTY)), BlobId.of("W/\"" + SHA_256_EMPTY + "\""));
        for (String tag : new String[] {"", "\"\"", "../../x", GIT_EMPTY + "0", "g" + GIT_EMPTY.substring(1)}) {
            assertTrue(BlobId.of(tag).isEmpty(), tag);
        }
    }
}
