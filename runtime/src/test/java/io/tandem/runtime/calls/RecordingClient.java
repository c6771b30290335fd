package io.tandem.runtime.calls;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.CompletableFuture;

/** The client's end of one call, as the server sees it. */
final class RecordingClient extends ServerCallStreamObserver<String> {

    final CompletableFuture<String> answer = new CompletableFuture<>();
    private String message;
    private volatile Runnable onCancel;

    /** The client goes away, or its deadline passes. */
    void leave() {
        onCancel.run();
    }

    @Override
    public void onNext(String next) {
        message = next;
    }

    @Override
    public void onError(Throwable failure) {
        answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
        answer.complete(message);
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        onCancel = handler;
    }

    @Override
    public void setCompression(String compression) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void request(int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setMessageCompression(boolean enable) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void disableAutoInboundFlowControl() {
        throw new UnsupportedOperationException();
    }
}
