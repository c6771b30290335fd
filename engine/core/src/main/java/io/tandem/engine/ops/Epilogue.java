package io.tandem.engine.ops;

/** What a matrix product does with each result before it stores it. */
public sealed interface Epilogue {

    /** The product as it is. */
    Epilogue NONE = new None();

    /** {@code dst = x W^T}. */
    record None() implements Epilogue {}

    /**
     * {@code dst = x W^T + bias}.
     *
     * @param bias [1, outputs]
     */
    record Bias(Tensor bias) implements Epilogue {}

    /**
     * {@code dst = gelu_tanh(x W^T + bias)}.
     *
     * @param bias [1, outputs]
     */
    record BiasGelu(Tensor bias) implements Epilogue {}

    /**
     * {@code dst = dst + (x W^T + bias)}.
     *
     * @param bias [1, outputs]
     */
    record BiasAdd(Tensor bias) implements Epilogue {}
}
