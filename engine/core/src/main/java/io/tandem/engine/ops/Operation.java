package io.tandem.engine.ops;

/** The operations of {@link Ops} by name, for {@link Ops#unsupported}, the conformance suite and the bench. */
public enum Operation {
    EMBED,
    RMS_NORM,
    ADD_RMS_NORM,
    LAYER_NORM,
    MATMUL,
    GEGLU,
    HEAD_NORM_ROPE,
    PACK_KV,
    SELF_ATTENTION,
    STORE_SELF,
    APPEND_ENCODER,
    APPEND_STATES,
    APPEND_KEY_SCALES,
    MERGED_ATTENTION,
    PATCHIFY,
    AVERAGE_POOL,
    SOFTCAP,
    ARGMAX,
    ARGMAX_PRODUCT
}
