package io.tandem.engine.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The image files of the tests: those that {@code make_images.py} made, and those of the golden set. */
final class ImageFiles {

    /** How the name of the picture ends that Pillow decodes of a file. */
    static final String DECODED = ".rgb.png";

    private ImageFiles() {}

    static Path path(String name) {
        return engine().resolve("src/test/resources/io/tandem/engine/image").resolve(name);
    }

    static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> made() throws IOException {
        return images(path(""))
                .filter(file -> !file.toString().endsWith(DECODED))
                .toList();
    }

    static List<Path> madeAndGolden() throws IOException {
        Path golden = engine().resolve("src/test/golden/preprocess");
        return Stream.concat(made().stream(), images(golden)).toList();
    }

    private static Path engine() {
        return Path.of(System.getProperty("tandem.root"), "engine/core");
    }

    private static Stream<Path> images(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(png|jpg|webp|gif)")).sorted().toList().stream();
        }
    }
}
