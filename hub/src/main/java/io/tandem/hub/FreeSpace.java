package io.tandem.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much a disk still takes. */
@FunctionalInterface
interface FreeSpace {

    FreeSpace OF_DISK = folder -> Files.getFileStore(folder).getUsableSpace();

    /** Bytes that may be written below a folder that exists. */
    long below(Path folder) throws IOException;
}
