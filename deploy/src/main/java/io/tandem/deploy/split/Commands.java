package io.tandem.deploy.split;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What somebody types while the roles run. For one thread. */
final class Commands {

    private static final Pattern RESIZE = Pattern.compile("(encoder|decoder)s (\\d{1,4})");
    private static final Pattern RESTART = Pattern.compile("restart ([a-z]+)");

    private final Crew crew;
    private final Output output;

    Commands(Crew crew, Output output) {
        this.crew = crew;
        this.output = output;
    }

    /** Does what each line says, until there are none any more. */
    void follow(BufferedReader lines) {
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    follow(line.strip());
                }
            }
        } catch (IOException closed) {
            output.say("No commands are read any more: " + closed.getMessage());
        }
    }

    private void follow(String command) {
        try {
            Matcher resize = RESIZE.matcher(command);
            Matcher restart = RESTART.matcher(command);
            if (resize.matches()) {
                Role role = role(resize.group(1)).orElseThrow();
                int wanted = Integer.parseInt(resize.group(2));
                if (wanted < 1) {
                    output.say("At least 1 " + role.label() + " is needed");
                    return;
                }
                crew.resize(role, wanted);
                output.say("There %s %d %s%s now"
                        .formatted(wanted == 1 ? "is" : "are", wanted, role.label(), wanted == 1 ? "" : "s"));
            } else if (restart.matches() && role(restart.group(1)).isPresent()) {
                Role role = role(restart.group(1)).get();
                crew.restart(role);
                output.say("The %s role was restarted".formatted(role.label()));
            } else {
                output.say("\"%s\" is none of: decoders N, encoders N, restart %s"
                        .formatted(
                                command,
                                Arrays.stream(Role.values()).map(Role::label).collect(Collectors.joining("|"))));
            }
        } catch (IllegalStateException failed) {
            output.say("\"%s\" failed: %s".formatted(command, failed.getMessage()));
        }
    }

    private static Optional<Role> role(String label) {
        return Arrays.stream(Role.values())
                .filter(role -> role.label().equals(label))
                .findFirst();
    }
}
