package io.tandem.hub;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Downloads several files, a few at a time; the first failure ends the others. */
final class Downloads {

    /** Enough to fill a fast line, few enough not to look like an attack. */
    private static final int AT_ONCE = 4;

    private Downloads() {}

    /**
     * Returns when every file's blob is there.
     *
     * @param files of content that differs
     */
    static void run(BlobDownload download, Collection<RemoteFile> files)
            throws IOException, UnreachableException, InterruptedException {
        try (ExecutorService workers = Executors.newFixedThreadPool(
                AT_ONCE, Thread.ofVirtual().name("hub-", 0).factory())) {
            CompletionService<Void> finished = new ExecutorCompletionService<>(workers);
            for (RemoteFile file : files) {
                Callable<Void> task = () -> {
                    download.run(file);
                    return null;
                };
                finished.submit(task);
            }
            try {
                for (int i = 0; i < files.size(); i++) {
                    finished.take().get();
                }
            } catch (ExecutionException e) {
                throw rethrown(e.getCause());
            } finally {
                workers.shutdownNow();
            }
        }
    }

    private static RuntimeException rethrown(Throwable cause)
            throws IOException, UnreachableException, InterruptedException {
        switch (cause) {
            case IOException failure -> throw failure;
            case UnreachableException failure -> throw failure;
            case InterruptedException failure -> throw failure;
            case RuntimeException failure -> throw failure;
            case Error failure -> throw failure;
            default -> throw new IllegalStateException("a download throws nothing else", cause);
        }
    }
}
