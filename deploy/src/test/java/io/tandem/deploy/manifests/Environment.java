package io.tandem.deploy.manifests;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.WithParentName;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.encoder.config.EncoderConfig;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.vision.config.VisionServiceConfig;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** A container's variables against the settings of its role: every name is one, every value is understood. */
final class Environment {

    private Environment() {}

    /** What is wrong with the variables of a role, each line with the name of the variable. */
    static List<String> findings(String role, Map<String, String> variables) {
        List<String> findings = new ArrayList<>();
        Set<String> known = new TreeSet<>();
        Roles.mappings(role).forEach((prefix, type) -> collect(prefix, type, known));
        for (String name : variables.keySet()) {
            boolean isSetting = known.stream().anyMatch(setting -> matches(setting, name));
            if (!isSetting && !Roles.FOREIGN.contains(name)) {
                findings.add(role + " has " + name + ", which is no setting of it");
            }
        }
        if (findings.isEmpty()) {
            try {
                read(role, variables);
            } catch (RuntimeException refused) {
                findings.add(role + ": " + refused.getMessage());
            }
        }
        return findings;
    }

    /** Names of all settings of all roles; {@code *} stands for what users name. */
    static Set<String> settings() {
        Set<String> settings = new TreeSet<>();
        for (String role : Roles.ours()) {
            Roles.mappings(role).forEach((prefix, type) -> collect(prefix, type, settings));
        }
        return settings;
    }

    /** The settings of a role as its app would read them. */
    static SmallRyeConfig read(String role, Map<String, String> variables) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withSources(new EnvConfigSource(variables, 300))
                // Defaults that lie in configuration files of the modules, not in the interfaces.
                .withDefaultValue("tandem.gateway.vision", "127.0.0.1:9000")
                .withDefaultValue("tandem.gateway.encoder", "127.0.0.1:9000")
                .withDefaultValue("tandem.gateway.decoders", "127.0.0.1:9000")
                // The images'; see ContainerfileTest.
                .withDefaultValue("tandem.engine.model", "/opt/tandem/demo-model");
        Roles.mappings(role).forEach((prefix, type) -> builder.withMapping(type, prefix));
        return builder.build();
    }

    /** How long a role's shutdown waits for what is under way. */
    static Duration drain(String role, SmallRyeConfig config) {
        return switch (role) {
            case Roles.GATEWAY -> config.getConfigMapping(GatewayConfig.class).drain();
            case Roles.DECODER -> config.getConfigMapping(DecoderConfig.class).drainTimeout();
            case Roles.ENCODER -> config.getConfigMapping(EncoderConfig.class).drainTimeout();
            case Roles.VISION ->
                config.getConfigMapping(VisionServiceConfig.class).drainTimeout();
            default -> throw new IllegalArgumentException(role + " does not drain");
        };
    }

    /** By SmallRye's rule: what is neither a letter nor a digit becomes an underscore, and all is in capitals. */
    private static boolean matches(String setting, String variable) {
        String pattern = Pattern.quote(setting.replaceAll("[^A-Za-z0-9*]", "_").toUpperCase(Locale.ROOT))
                .replace("*", "\\E[A-Z0-9_]+\\Q");
        return variable.matches(pattern);
    }

    private static void collect(String prefix, Class<?> type, Set<String> into) {
        for (Method method : type.getMethods()) {
            String name = method.isAnnotationPresent(WithParentName.class)
                    ? prefix
                    : prefix + "."
                            + method.getName()
                                    .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                                    .toLowerCase(Locale.ROOT);
            Class<?> value = method.getReturnType();
            if (Map.class.isAssignableFrom(value)) {
                into.add(name + ".*");
            } else if (value.isInterface()
                    && Optional.ofNullable(value.getEnclosingClass()).isPresent()) {
                collect(name, value, into);
            } else {
                into.add(name);
            }
        }
    }
}
