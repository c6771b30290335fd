package io.tandem.gateway.routing;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Which model requests are answered with, where instances serve several: one at a time, so that a client isn't answered by this one now
 * and by that one then. Encoders decide, as only they can read: of their models the one that has all other roles, then the one with
 * the most decoders, then the one that it was before. Instances of other models wait until theirs is chosen. Thread-safe.
 */
public final class ModelAgreement {

    private static final Logger LOG = Logger.getLogger(ModelAgreement.class);

    private final Routers routers;

    /** Null until an encoder has said what it serves; guarded by this. */
    private String chosen;

    /** What was told of instances that get no requests, by role and address; guarded by this. */
    private Map<String, String> told = Map.of();

    /** @param routers are told which model it is */
    public ModelAgreement(Routers routers) {
        this.routers = routers;
    }

    /** Looks at the instances again; to be called whenever one of them may have changed. */
    public synchronized void update() {
        Optional<String> best = routers.encoder().instances().stream()
                .filter(Instance::isServing)
                .flatMap(encoder -> encoder.model().stream())
                .distinct()
                .max(preference());
        if (best.isPresent() && !best.get().equals(chosen)) {
            LOG.infof(
                    "Requests are answered with model %s%s",
                    best.get(), chosen == null ? "" : " from now on, no longer with " + chosen);
            chosen = best.get();
            routers.all().forEach(router -> router.follow(chosen));
        }
        tell();
    }

    private Comparator<String> preference() {
        Comparator<String> complete = Comparator.comparing(
                model -> serving(routers.decoders(), model) > 0 && serving(routers.vision(), model) > 0);
        return complete.thenComparingLong(model -> serving(routers.decoders(), model))
                .thenComparing(model -> model.equals(chosen))
                .thenComparing(Comparator.naturalOrder());
    }

    private static long serving(Router router, String model) {
        return router.instances().stream()
                .filter(instance -> instance.isServing() && instance.serves(model))
                .count();
    }

    /** Once when it begins and once when it ends. */
    private void tell() {
        Map<String, String> differing = routers.all().stream()
                .flatMap(router -> router.differing().stream()
                        .map(instance -> Map.entry(
                                router.role().label() + " " + instance.id(),
                                instance.model().orElseThrow())))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, same) -> one, TreeMap::new));
        differing.forEach((instance, model) -> {
            if (!model.equals(told.get(instance))) {
                LOG.warnf(
                        "%s gets no requests: it serves model %s, requests are answered with %s; all roles must have the"
                                + " same tandem.engine.model, revision and weights",
                        instance, model, chosen);
            }
        });
        told.keySet().stream()
                .filter(instance -> !differing.containsKey(instance))
                .forEach(instance -> LOG.infof("%s does not serve another model than others any more", instance));
        told = differing;
    }
}
