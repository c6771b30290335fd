package io.tandem.deploy.split;

import java.util.List;

/**
 * How one process is started, and how it says that it is ready.
 *
 * @param command program and arguments
 * @param ready answers then
 * @param place where it listens, for people
 */
record Launch(List<String> command, Probe ready, String place) {

    Launch {
        command = List.copyOf(command);
    }
}
