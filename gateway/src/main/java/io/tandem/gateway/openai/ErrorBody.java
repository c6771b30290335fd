package io.tandem.gateway.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;

/** Errors in OpenAI's shape. */
public final class ErrorBody {

    private ErrorBody() {}

    /**
     * The body of a failed request; the same object ends a stream that fails.
     *
     * @param requestId what the client quotes when it asks its operator; failures of the server say nothing else of themselves
     */
    public static String of(TandemException failure, String requestId) {
        ObjectNode body = AnswerFormat.object();
        ObjectNode error = body.putObject("error")
                .put("message", message(failure, requestId))
                .put("type", failure.code().type());
        failure.param().ifPresentOrElse(param -> error.put("param", param), () -> error.putNull("param"));
        error.put("code", failure.code().code());
        return body.toString();
    }

    private static String message(TandemException failure, String requestId) {
        ErrorCode code = failure.code();
        return switch (code) {
            case INTERNAL, STATE_LOST ->
                "The server failed to answer; its log tells why under the request id %s.".formatted(requestId);
            case UNAVAILABLE ->
                "The server is starting or a part of it is down; retry later. Request id %s.".formatted(requestId);
            case MODEL_MISMATCH ->
                "The parts of this server serve different models at the moment; retry later. If it lasts, they have different settings tandem.engine.model, revision or weights. Request id %s."
                        .formatted(requestId);
            case DEADLINE_EXCEEDED ->
                "The answer took longer than the request's x-request-timeout or the server's tandem.gateway.deadline. Request id %s."
                        .formatted(requestId);
            case INVALID_REQUEST, UNSUPPORTED_PARAMETER, CONTEXT_LENGTH_EXCEEDED, INVALID_IMAGE, INVALID_IMAGE_URL ->
                failure.getMessage();
            case MODEL_NOT_FOUND, NOT_FOUND, METHOD_NOT_ALLOWED, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE ->
                failure.getMessage();
            case INVALID_API_KEY, RATE_LIMIT_EXCEEDED, OVERLOADED, CANCELLED, DRAINING -> failure.getMessage();
        };
    }
}
