package io.tandem.gateway.files;

import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import io.tandem.gateway.config.FilesConfig;

/**
 * How much may be stored.
 *
 * @param maxFileBytes of one file
 * @param maxTotalBytes of all files of one owner
 * @param maxFiles of one owner
 */
public record FileLimits(long maxFileBytes, long maxTotalBytes, int maxFiles) {

    /** What a larger file is refused with; {@code size} says how large it is, with its unit. */
    public TandemException tooLarge(String size) {
        return new TandemException(
                ErrorCode.PAYLOAD_TOO_LARGE,
                "file",
                "file has %s, limit %,d; raise tandem.gateway.files.max-file-size.".formatted(size, maxFileBytes));
    }

    /** As configured. */
    public static FileLimits of(FilesConfig config) {
        return new FileLimits(
                config.maxFileSize().asLongValue(), config.maxTotalSize().asLongValue(), config.maxFiles());
    }
}
