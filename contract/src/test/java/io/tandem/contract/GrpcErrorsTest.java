package io.tandem.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GrpcErrorsTest {

    @Test
    void everyCodeComesBackAsItWent() {
        for (ErrorCode code : ErrorCode.values()) {
            TandemException back = GrpcErrors.fromStatus(
                    GrpcErrors.toStatus(new TandemException(code, "messages[0].content", "zwölf > 10")));
            assertEquals(code, back.code());
            assertEquals(Optional.of("messages[0].content"), back.param());
            assertEquals("zwölf > 10", back.getMessage());
        }
    }

    @Test
    void everyTransportStatusHasACode() {
        for (Status.Code status : Status.Code.values()) {
            TandemException back = GrpcErrors.fromStatus(Status.fromCode(status).asRuntimeException());
            ErrorCode expected = status == Status.Code.INTERNAL ? ErrorCode.UNAVAILABLE : ErrorCode.of(status);
            assertEquals(expected, back.code());
            assertTrue(back.param().isEmpty());
        }
    }

    @Test
    void aStreamThatWasResetIsNoFailureOfTheService() {
        Status reset = Status.INTERNAL.withDescription("RST_STREAM closed stream. HTTP/2 error code: INTERNAL_ERROR");
        assertEquals(
                ErrorCode.UNAVAILABLE,
                GrpcErrors.fromStatus(reset.asRuntimeException()).code());
        assertEquals(
                ErrorCode.INTERNAL,
                GrpcErrors.fromStatus(GrpcErrors.toStatus(new TandemException(ErrorCode.INTERNAL, null, "a bug")))
                        .code());
    }

    @Test
    void onlyFailuresOfTheServerAreInTheFiveHundreds() {
        for (ErrorCode code : ErrorCode.values()) {
            assertEquals(code.httpStatus() >= 499, code.type().equals("server_error"), code.name());
        }
    }
}
