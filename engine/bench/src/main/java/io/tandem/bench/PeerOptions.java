package io.tandem.bench;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that say whom to compare with. Filled by the command line, on one thread. */
final class PeerOptions {
    @Option(
            names = "--peers",
            paramLabel = "DIR",
            required = true,
            description = "also a table beside other systems: what their scripts printed, from transformers-fp32.txt"
                    + " and the like in this folder, or with --peers-checkpoint the scripts in it, run now")
    Path folder;

    @Option(names = "--peers-checkpoint", paramLabel = "DIR", description = "checkpoint to run the scripts on")
    Path checkpoint;

    @Option(
            names = "--peers-python",
            paramLabel = "FILE",
            defaultValue = "python3",
            description = "Python that has the peers; ${DEFAULT-VALUE} unless given")
    Path python;
}
