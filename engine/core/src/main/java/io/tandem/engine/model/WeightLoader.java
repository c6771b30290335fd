package io.tandem.engine.model;

import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.checkpoint.DType;
import io.tandem.engine.checkpoint.StoredTensor;
import io.tandem.engine.checkpoint.TensorNames;
import io.tandem.engine.checkpoint.WeightSource;
import io.tandem.engine.config.ModelConfig;
import io.tandem.engine.ops.Operation;
import io.tandem.engine.ops.Ops;
import io.tandem.engine.ops.Tensor;
import io.tandem.engine.ops.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Hands stored tensors to a backend, counts how far it is, and owns what it made until it is closed.
 *
 * <p>Used by the thread that opens an engine, then closed by the one that closes it.
 */
public final class WeightLoader implements AutoCloseable {

    private final WeightSource source;
    private final Ops ops;
    private final LoadProgress progress;
    private final Deque<Runnable> given = new ArrayDeque<>();
    private String part = "";
    private long total;
    private long done;

    /** Loads from {@code source} into {@code ops} and reports to {@code progress}. */
    public WeightLoader(WeightSource source, Ops ops, LoadProgress progress) {
        this.source = source;
        this.ops = ops;
        this.progress = progress;
    }

    Ops ops() {
        return ops;
    }

    ModelConfig config() {
        return source.config();
    }

    DType constants() {
        return source.constants();
    }

    /** Begins a part of the model: the tensors whose canonical names start with one of {@code prefixes}. */
    void begin(String name, String... prefixes) {
        part = name;
        done = 0;
        total = 0;
        TensorNames.shapes(source.config()).forEach((tensor, shape) -> {
            if (Stream.of(prefixes).anyMatch(tensor::startsWith)) {
                total += Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
            }
        });
    }

    /** A matrix [outputs, inputs]; a stored convolution counts as one row for each filter. */
    Weight matrix(String name, Operation... uses) {
        StoredTensor stored = source.tensor(name);
        int outputs = stored.shape()[0];
        int inputs = Math.toIntExact(stored.elements() / outputs);
        StoredTensor matrix = new StoredTensor(name, stored.dtype(), new int[] {outputs, inputs}, stored.data());
        Weight weight = prepared(matrix, uses.length == 0 ? new Operation[] {Operation.MATMUL} : uses);
        handedOver(matrix);
        return weight;
    }

    /** A matrix that is stored [inputs, outputs]. */
    Weight transposedMatrix(String name) {
        Weight weight = transposedCopy(name);
        handedOver(source.tensor(name));
        return weight;
    }

    /** A matrix that is stored [inputs, outputs], beside the stored one that is asked for as well. */
    Weight transposedCopy(String name) {
        StoredTensor stored = source.tensor(name);
        int inputs = stored.shape()[0];
        int outputs = stored.shape()[1];
        long size = stored.dtype().byteSize();
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment turned = scratch.allocate(stored.data().byteSize());
            for (long output = 0; output < outputs; output++) {
                for (long input = 0; input < inputs; input++) {
                    MemorySegment.copy(
                            stored.data(),
                            (input * outputs + output) * size,
                            turned,
                            (output * inputs + input) * size,
                            size);
                }
            }
            return prepared(
                    new StoredTensor(name, stored.dtype(), new int[] {outputs, inputs}, turned), Operation.MATMUL);
        }
    }

    private Weight prepared(StoredTensor matrix, Operation... uses) {
        for (Operation use : uses) {
            refuseUnsupported(use, matrix.dtype(), matrix.name());
        }
        Weight weight = ops.weight(matrix, uses);
        given.push(weight::close);
        return weight;
    }

    private void refuseUnsupported(Operation operation, DType dtype, String name) {
        Optional<String> reason = ops.unsupported(operation, dtype);
        if (reason.isPresent()) {
            throw new CheckpointException("tensor %s: backend %s cannot do %s on %s: %s"
                    .formatted(name, ops.name(), operation, dtype, reason.get()));
        }
    }

    /** A vector as a tensor of one row. */
    Tensor vector(String name) {
        StoredTensor stored = source.tensor(name);
        return rows(stored, 1, Math.toIntExact(stored.elements()));
    }

    /** A matrix [rows, columns] as a tensor of fp32 rows. */
    Tensor table(String name) {
        StoredTensor stored = source.tensor(name);
        return rows(stored, stored.shape()[0], stored.shape()[1]);
    }

    private Tensor rows(StoredTensor stored, int rows, int columns) {
        Tensor tensor = ops.tensor(rows, columns);
        given.push(tensor::close);
        ops.write(tensor, 0, stored.toFloats(), 0, rows);
        handedOver(stored);
        return tensor;
    }

    /** The backend has a tensor: the source need not hold it any more. */
    private void handedOver(StoredTensor stored) {
        source.release(stored.name());
        done += stored.elements();
        progress.loaded(part, done, total);
    }

    /** Gives back everything that was loaded, the last first. */
    @Override
    public void close() {
        while (!given.isEmpty()) {
            given.pop().run();
        }
    }
}
