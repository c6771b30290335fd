package io.tandem.hub;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a user names as a model: a folder of this machine, or a repository of the hub. */
public sealed interface ModelSource {

    /** The name that clients may know the model by. */
    String name();

    /** A folder, which need not exist. */
    record Folder(Path path) implements ModelSource {

        @Override
        public String name() {
            return path.getFileName() == null
                    ? path.toString()
                    : path.getFileName().toString();
        }
    }

    /**
     * A repository at a revision.
     *
     * @param name OWNER/NAME
     * @param revision branch, tag or commit
     */
    record Repository(String name, String revision) implements ModelSource {

        private static final String DEFAULT_REVISION = "main";

        /** What the hub allows in names: no dot or dash at the borders, neither of them twice in a row. */
        private static final String PART = "(?![^/@]*(?:--|\\.\\.))[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?";

        private static final Pattern NAME = Pattern.compile("(?<name>" + PART + "/" + PART + ")(?:@(?<revision>.*))?");

        /** A revision is also a path in the cache. */
        private static final Pattern REVISION =
                Pattern.compile("(?!.*\\.\\.)[A-Za-z0-9_+-][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_+-][A-Za-z0-9_.+-]*)*");

        private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

        /** @throws HubException if the revision is no name of a branch, tag or commit */
        public Repository {
            if (!REVISION.matcher(revision).matches()) {
                throw new HubException("\"" + revision + "\" is no revision: a branch, a tag or a commit is meant");
            }
        }

        /** True if the revision is a whole commit id, which always means the same files. */
        boolean isPinned() {
            return COMMIT.matcher(revision).matches();
        }

        @Override
        public String toString() {
            return revision.equals(DEFAULT_REVISION) ? name : name + " at revision " + revision;
        }
    }

    /**
     * Reads what a user wrote: a folder if there is one of that name, else OWNER/NAME or OWNER/NAME@REVISION, else the
     * folder that isn't there.
     *
     * @param revision of the repository, where it doesn't stand in the name
     * @throws HubException if a revision is given of what has none, or two that differ
     */
    static ModelSource of(String model, Optional<String> revision) {
        Path path = path(model);
        Matcher name = Repository.NAME.matcher(model);
        if (Files.isDirectory(path) || !name.matches()) {
            if (revision.isPresent()) {
                throw new HubException("revision " + revision.get() + " is asked for of " + model
                        + ": only repositories of the hub, OWNER/NAME, have revisions"
                        + (Files.isDirectory(path) ? ", and this is a folder here" : ""));
            }
            return new Folder(path.toAbsolutePath().normalize());
        }
        String written = name.group("revision");
        if (written != null && revision.isPresent() && !written.equals(revision.get())) {
            throw new HubException(model + " names revision " + written + ", the setting beside it " + revision.get()
                    + "; leave one of them out");
        }
        return new Repository(
                name.group("name"), revision.orElse(written == null ? Repository.DEFAULT_REVISION : written));
    }

    private static Path path(String model) {
        try {
            return Path.of(model);
        } catch (InvalidPathException e) {
            throw new HubException(
                    "\"" + model + "\" is neither a folder nor OWNER/NAME on the hub: " + e.getReason(), e);
        }
    }
}
