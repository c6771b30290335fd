package io.tandem.deploy.split;

import java.util.List;

/**
 * How one process is started, and how it says that it is ready.
 *
 * @param command program and arguments
 * @param ready answers then
 */
record Launch(List<String> command, Probe ready) {

    Launch {
        command = List.copyOf(command);
    }
}
