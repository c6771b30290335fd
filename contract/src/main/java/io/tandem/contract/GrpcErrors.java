package io.tandem.contract;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;

/** Carries {@link TandemException} over gRPC: status and description as usual, code and param as trailers. */
public final class GrpcErrors {

    private static final Metadata.Key<String> CODE =
            Metadata.Key.of("tandem-error-code", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> PARAM =
            Metadata.Key.of("tandem-error-param-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private GrpcErrors() {}

    /** What a service hands to {@code StreamObserver.onError}. */
    public static StatusRuntimeException toStatus(TandemException failure) {
        Metadata trailers = new Metadata();
        trailers.put(CODE, failure.code().name());
        failure.param().ifPresent(param -> trailers.put(PARAM, param.getBytes(StandardCharsets.UTF_8)));
        return Status.fromCode(failure.code().grpcStatus())
                .withDescription(failure.getMessage())
                .withCause(failure)
                .asRuntimeException(trailers);
    }

    /** What a caller makes of the error that a stub reported. */
    public static TandemException fromStatus(Throwable failure) {
        if (failure instanceof TandemException known) {
            return known;
        }
        Status status = Status.fromThrowable(failure);
        Metadata trailers = Status.trailersFromThrowable(failure);
        String message = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        ErrorCode code = codeIn(trailers, status);
        byte[] param = trailers == null ? null : trailers.get(PARAM);
        String field = param == null ? null : new String(param, StandardCharsets.UTF_8);
        return new TandemException(code, field, message, failure);
    }

    private static ErrorCode codeIn(Metadata trailers, Status status) {
        String name = trailers == null ? null : trailers.get(CODE);
        for (ErrorCode code : ErrorCode.values()) {
            if (code.name().equals(name)) {
                return code;
            }
        }
        // Our services say INTERNAL with a code. gRPC itself says it of a call that broke on the way, as when a server
        // that shuts down resets its streams; whoever can asks again.
        return status.getCode() == Status.Code.INTERNAL ? ErrorCode.UNAVAILABLE : ErrorCode.of(status.getCode());
    }
}
