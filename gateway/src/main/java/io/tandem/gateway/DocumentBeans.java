package io.tandem.gateway;

import io.quarkus.runtime.StartupEvent;
import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.documents.BackgroundEncoding;
import io.tandem.gateway.documents.DocumentStates;
import io.tandem.gateway.documents.Preparation;
import io.tandem.gateway.extraction.ExtractionLimits;
import io.tandem.gateway.extraction.TextExtractor;
import io.tandem.gateway.files.FileLimits;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.health.ServiceWatch;
import io.tandem.gateway.openai.ServedModel;
import io.tandem.gateway.pipeline.EncoderClient;
import io.tandem.gateway.pipeline.RequestScopes;
import io.tandem.gateway.pipeline.VisionClient;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Puts together what keeps uploaded files and makes documents of them. */
@Singleton
final class DocumentBeans {

    private final FilesConfig config;

    /** @throws IllegalArgumentException naming the setting that cannot be worked with */
    DocumentBeans(FilesConfig config) {
        requirePositive("max-file-size", config.maxFileSize().asLongValue());
        requirePositive("max-uploads", config.maxUploads());
        requirePositive("idle-timeout", config.idleTimeout().toMillis());
        requirePositive("sweep", config.sweep().toMillis());
        requirePositive("workers", config.workers());
        requirePositive("extraction.parallel", config.extraction().parallel());
        requirePositive("extraction.timeout", config.extraction().timeout().toMillis());
        requirePositive("extraction.memory", config.extraction().memory().asLongValue());
        requirePositive("extraction.max-characters", config.extraction().maxCharacters());
        this.config = config;
    }

    void start(@Observes StartupEvent event, BackgroundEncoding background) {
        background.start(config.sweep());
    }

    @Produces
    @Singleton
    FileStore store() {
        return new FileStore(config.path(), FileLimits.of(config), Clock.systemUTC());
    }

    void close(@Disposes FileStore store) {
        store.close();
    }

    @Produces
    @Singleton
    Preparation preparation(FileStore store, EncoderClient encoder) {
        return new Preparation(store, new TextExtractor(ExtractionLimits.of(config.extraction())), encoder);
    }

    @Produces
    @Singleton
    DocumentStates states(FileStore store, EncoderClient encoder, VisionClient vision) {
        return new DocumentStates(store, encoder, vision);
    }

    @Produces
    @Singleton
    BackgroundEncoding background(
            FileStore store, Preparation preparation, DocumentStates states, RequestScopes scopes, ServiceWatch watch) {
        return new BackgroundEncoding(
                store,
                new BackgroundEncoding.Tools(preparation, states, scopes),
                () -> reading(watch.model()),
                config.workers());
    }

    void close(@Disposes BackgroundEncoding background) {
        background.close();
    }

    private static BackgroundEncoding.Reading reading(ServedModel model) {
        return new BackgroundEncoding.Reading(model.documentCut(), model.tokensPerImage());
    }

    private static void requirePositive(String setting, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    "tandem.gateway.files.%s is %d, must be more than 0".formatted(setting, value));
        }
    }
}
