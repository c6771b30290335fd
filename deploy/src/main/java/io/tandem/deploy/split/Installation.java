package io.tandem.deploy.split;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The packaged apps of a repository, and how their JVMs are started.
 *
 * @param root of the repository
 * @param engineFlags that every JVM with the CPU backend needs
 * @param javaOptions that replace the default heap limit
 */
record Installation(Path root, List<String> engineFlags, Optional<List<String>> javaOptions) {

    private static final String ROOT = "tandem.root";
    private static final String FLAGS = "tandem.jvm.flags";

    /**
     * As the launcher script says.
     *
     * @throws IllegalStateException if another script or none started this process
     */
    static Installation ofLauncher() {
        String root = System.getProperty(ROOT);
        String flags = System.getProperty(FLAGS);
        if (root == null || flags == null) {
            throw new IllegalStateException(
                    "-D%s and -D%s are needed: only the launcher ./run knows where the roles' apps are"
                            .formatted(ROOT, FLAGS));
        }
        return new Installation(
                Path.of(root),
                words(flags),
                Optional.ofNullable(System.getenv("JAVA_OPTS")).map(Installation::words));
    }

    /** Where the build puts what it makes of a role's module. */
    Path target(Role role) {
        return root.resolve(role.module()).resolve("target");
    }

    /**
     * The app of a role.
     *
     * @throws IllegalStateException if it has not been built
     */
    Path app(Role role) {
        Path app = target(role).resolve("quarkus-app/quarkus-run.jar");
        if (!Files.exists(app)) {
            throw new IllegalStateException("%s is missing; ./mvnw package builds it".formatted(app));
        }
        return app;
    }

    /** Class path of a role that is no app: its jar, and those that it needs. */
    String libraries(Role role) {
        return target(role) + "/*:" + target(role) + "/lib/*";
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+")).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
