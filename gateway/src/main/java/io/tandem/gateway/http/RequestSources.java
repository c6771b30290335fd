package io.tandem.gateway.http;

import io.tandem.gateway.config.FilesConfig;
import io.tandem.gateway.config.GatewayConfig;
import io.tandem.gateway.documents.Attachments;
import io.tandem.gateway.documents.Preparation;
import io.tandem.gateway.fetch.PictureFetcher;
import io.tandem.gateway.files.FileStore;
import io.tandem.gateway.openai.RemotePictures;
import io.tandem.gateway.openai.RequestLimits;
import io.tandem.gateway.openai.Sources;
import jakarta.inject.Singleton;

/** Gives each request the way to what it only names: pictures on the web, and its owner's files. Thread-safe. */
@Singleton
final class RequestSources {

    private final boolean allowRemote;
    private final RequestLimits limits;
    private final PictureFetcher fetcher;
    private final FileStore store;
    private final Preparation preparation;

    RequestSources(
            GatewayConfig config, FilesConfig files, PictureFetcher fetcher, FileStore store, Preparation preparation) {
        this.allowRemote = config.images().allowRemote();
        this.limits = RequestLimits.of(config, files);
        this.fetcher = fetcher;
        this.store = store;
        this.preparation = preparation;
    }

    /** What any request may bring. */
    RequestLimits limits() {
        return limits;
    }

    /** What this one may name. */
    Sources of(AdmittedRequest admitted) {
        RemotePictures pictures =
                allowRemote ? named -> fetcher.fetch(named, admitted.scope()) : RemotePictures.REFUSED;
        Attachments.Request request = new Attachments.Request(
                admitted.exchange().tenant(), admitted.model().documentCut(), admitted.scope());
        return new Sources(pictures, new Attachments(store, preparation, request));
    }
}
