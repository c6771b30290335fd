package io.tandem.engine.checkpoint;

import io.tandem.engine.checkpoint.WeightFiles.Located;
import io.tandem.engine.config.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Holds the tensors found in files against those that a configuration calls for; made, used and dropped by one thread
 * while a checkpoint opens.
 */
final class TensorMatch {

    /** A wrong configuration misfits every tensor; the first few tell it. */
    private static final int COMPLAINT_LIMIT = 5;

    private final Path directory;
    private final ModelConfig config;
    private final SequencedMap<String, int[]> shapes;
    private final Map<String, List<Located>> candidates = new HashMap<>();
    private final List<String> complaints = new ArrayList<>();

    private TensorMatch(Path directory, ModelConfig config) {
        this.directory = directory;
        this.config = config;
        this.shapes = TensorNames.shapes(config);
    }

    /**
     * The tensors of a model by canonical name, in the order of {@link TensorNames#shapes(ModelConfig)}.
     *
     * @param found by the names in the files
     * @throws CheckpointException naming files and tensors that are missing, unexpected, misshapen, of an unsupported
     *     dtype, or stored twice with different values
     */
    static SequencedMap<String, StoredTensor> match(
            Path directory, ModelConfig config, SequencedMap<String, Located> found) {
        TensorMatch match = new TensorMatch(directory, config);
        found.forEach(match::add);
        match.shapes.keySet().stream()
                .filter(name -> !match.candidates.containsKey(name))
                .forEach(name -> match.complaints.add(
                        "%s: tensor %s is missing".formatted(directory, TensorNames.stored(name))));
        match.refuseComplaints();
        return match.tensors();
    }

    private void add(String storedName, Located tensor) {
        // No tensor has the empty name, so what can't be mapped ends as unexpected.
        String canonical = TensorNames.canonical(storedName).orElse("");
        if (config.vision().isPresent() && canonical.startsWith(TensorNames.VISION_HEAD)) {
            return;
        }
        int[] expected = shapes.get(canonical);
        if (expected == null) {
            complaints.add(tensor + " is unexpected: the model of config.json has none of that name");
            return;
        }
        int[] shape = tensor.entry().shape();
        if (!Arrays.equals(shape, expected)) {
            complaints.add("%s has shape %s, the model of config.json has %s there"
                    .formatted(tensor, Arrays.toString(shape), Arrays.toString(expected)));
        }
        if (dtype(tensor).isEmpty()) {
            complaints.add("%s has dtype %s, only %s are supported"
                    .formatted(tensor, tensor.entry().dtype(), Arrays.toString(DType.values())));
        }
        candidates.computeIfAbsent(canonical, name -> new ArrayList<>()).add(tensor);
    }

    private static Optional<DType> dtype(Located tensor) {
        return Arrays.stream(DType.values())
                .filter(dtype -> dtype.name().equals(tensor.entry().dtype()))
                .findAny();
    }

    private void refuseComplaints() {
        if (complaints.isEmpty()) {
            return;
        }
        String first = String.join("; ", complaints.subList(0, Math.min(COMPLAINT_LIMIT, complaints.size())));
        int more = complaints.size() - COMPLAINT_LIMIT;
        throw new CheckpointException(more > 0 ? first + "; and " + more + " more tensors do not fit" : first);
    }

    private SequencedMap<String, StoredTensor> tensors() {
        SequencedMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, int[]> shape : shapes.entrySet()) {
            List<Located> copies = candidates.get(shape.getKey());
            Located first = copies.getFirst();
            copies.forEach(copy -> refuseDifference(first, copy));
            tensors.put(
                    shape.getKey(),
                    new StoredTensor(
                            shape.getKey(),
                            dtype(first).orElseThrow(),
                            shape.getValue(),
                            first.file().data(first.entry())));
        }
        return Collections.unmodifiableSequencedMap(tensors);
    }

    /** One table is computed with: copies of it that differ belong to a model that isn't tied. */
    private void refuseDifference(Located first, Located copy) {
        if (copy == first) {
            return;
        }
        if (!copy.entry().dtype().equals(first.entry().dtype())) {
            throw new CheckpointException("%s: tensors %s and %s stand for one weight, but are %s and %s"
                    .formatted(
                            directory,
                            first.entry().name(),
                            copy.entry().name(),
                            first.entry().dtype(),
                            copy.entry().dtype()));
        }
        long difference = first.file().data(first.entry()).mismatch(copy.file().data(copy.entry()));
        if (difference >= 0) {
            throw new CheckpointException(
                    "%s: tensors %s and %s stand for one weight, but differ at byte %d; untied models are not supported"
                            .formatted(
                                    directory,
                                    first.entry().name(),
                                    copy.entry().name(),
                                    difference));
        }
    }
}
