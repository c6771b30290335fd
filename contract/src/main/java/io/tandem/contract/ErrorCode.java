package io.tandem.contract;

import io.grpc.Status;
import java.util.Locale;

/** The one table of errors: what each looks like over HTTP, over gRPC and in the metrics. */
public enum ErrorCode {
    INVALID_REQUEST(400, Type.INVALID_REQUEST, "invalid_value", Status.Code.INVALID_ARGUMENT),
    UNSUPPORTED_PARAMETER(400, Type.INVALID_REQUEST, "unsupported_parameter", Status.Code.INVALID_ARGUMENT),
    CONTEXT_LENGTH_EXCEEDED(400, Type.INVALID_REQUEST, "context_length_exceeded", Status.Code.INVALID_ARGUMENT),
    INVALID_IMAGE(400, Type.INVALID_REQUEST, "invalid_image", Status.Code.INVALID_ARGUMENT),
    INVALID_IMAGE_URL(400, Type.INVALID_REQUEST, "invalid_image_url", Status.Code.INVALID_ARGUMENT),
    INVALID_API_KEY(401, "authentication_error", "invalid_api_key", Status.Code.UNAUTHENTICATED),
    MODEL_NOT_FOUND(404, Type.INVALID_REQUEST, "model_not_found", Status.Code.NOT_FOUND),
    NOT_FOUND(404, Type.INVALID_REQUEST, "not_found", Status.Code.NOT_FOUND),
    METHOD_NOT_ALLOWED(405, Type.INVALID_REQUEST, "method_not_allowed", Status.Code.UNIMPLEMENTED),
    PAYLOAD_TOO_LARGE(413, Type.INVALID_REQUEST, "payload_too_large", Status.Code.INVALID_ARGUMENT),
    UNSUPPORTED_MEDIA_TYPE(415, Type.INVALID_REQUEST, "unsupported_media_type", Status.Code.INVALID_ARGUMENT),
    RATE_LIMIT_EXCEEDED(429, "rate_limit_error", "rate_limit_exceeded", Status.Code.RESOURCE_EXHAUSTED),
    OVERLOADED(429, "rate_limit_error", "overloaded", Status.Code.RESOURCE_EXHAUSTED),
    /** The client went away; counted, never sent. */
    CANCELLED(499, Type.SERVER, "cancelled", Status.Code.CANCELLED),
    INTERNAL(500, Type.SERVER, "internal_error", Status.Code.INTERNAL),
    /** Encoder states or soft tokens that a request names are no longer in the cache: encode again. */
    STATE_LOST(500, Type.SERVER, "state_lost", Status.Code.FAILED_PRECONDITION),
    UNAVAILABLE(503, Type.SERVER, "unavailable", Status.Code.UNAVAILABLE),
    DRAINING(503, Type.SERVER, "draining", Status.Code.UNAVAILABLE),
    /** States or soft tokens come from another model than the service's; a service of the same one can use them. */
    MODEL_MISMATCH(503, Type.SERVER, "model_mismatch", Status.Code.UNAVAILABLE),
    DEADLINE_EXCEEDED(504, Type.SERVER, "deadline_exceeded", Status.Code.DEADLINE_EXCEEDED);

    private final int httpStatus;
    private final String type;
    private final String code;
    private final Status.Code grpcStatus;

    ErrorCode(int httpStatus, String type, String code, Status.Code grpcStatus) {
        this.httpStatus = httpStatus;
        this.type = type;
        this.code = code;
        this.grpcStatus = grpcStatus;
    }

    /** Status of the HTTP response. */
    public int httpStatus() {
        return httpStatus;
    }

    /** {@code error.type} of the response body, as OpenAI's schema names it. */
    public String type() {
        return type;
    }

    /** {@code error.code} of the response body. */
    public String code() {
        return code;
    }

    /** Status between the services. */
    public Status.Code grpcStatus() {
        return grpcStatus;
    }

    /** Value of the label {@code error} in the metrics. */
    public String metricLabel() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The code that stands for a gRPC status which came without one of ours, say from the transport. */
    public static ErrorCode of(Status.Code status) {
        return switch (status) {
            case CANCELLED -> CANCELLED;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> INVALID_REQUEST;
            case DEADLINE_EXCEEDED -> DEADLINE_EXCEEDED;
            case UNAVAILABLE -> UNAVAILABLE;
            case RESOURCE_EXHAUSTED -> OVERLOADED;
            case UNAUTHENTICATED -> INVALID_API_KEY;
            case OK, UNKNOWN, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION, ABORTED -> INTERNAL;
            case UNIMPLEMENTED, INTERNAL, DATA_LOSS -> INTERNAL;
        };
    }

    private static final class Type {
        private static final String INVALID_REQUEST = "invalid_request_error";
        private static final String SERVER = "server_error";

        private Type() {}
    }
}
