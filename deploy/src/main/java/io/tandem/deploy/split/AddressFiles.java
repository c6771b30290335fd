package io.tandem.deploy.split;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Tells the gateway who belongs to each role, by a file for each. Thread-safe; owned by the supervisor, which closes it last. */
final class AddressFiles implements AutoCloseable {

    private final Path folder;
    private final Map<Role, List<String>> addresses = new EnumMap<>(Role.class);

    private AddressFiles(Path folder) {
        this.folder = folder;
    }

    /** Files that name nobody yet. */
    static AddressFiles create() {
        try {
            AddressFiles files = new AddressFiles(Files.createTempDirectory("tandem-split-"));
            Stream.of(Role.values()).filter(Role::isService).forEach(files::write);
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the roles' addresses", e);
        }
    }

    /** What the gateway gets for an address. */
    String setting(Role role) {
        return "file:" + file(role);
    }

    /** An instance has joined. */
    synchronized void add(Role role, String address) {
        if (role.isService() && !of(role).contains(address)) {
            of(role).add(address);
            write(role);
        }
    }

    /** An instance has left for good. */
    synchronized void remove(Role role, String address) {
        if (role.isService() && of(role).remove(address)) {
            write(role);
        }
    }

    private List<String> of(Role role) {
        return addresses.computeIfAbsent(role, none -> new ArrayList<>());
    }

    private Path file(Role role) {
        return folder.resolve(role.label());
    }

    /** By one rename, so that nobody reads half a list. */
    private void write(Role role) {
        try {
            Path next = folder.resolve(role.label() + ".next");
            Files.write(next, of(role));
            Files.move(next, file(role), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the addresses of the " + role.label() + " role can't be written", e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " can't be removed", e);
        }
    }
}
