package io.tandem.decoder;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.tandem.cache.StateStore;
import io.tandem.decoder.config.DecoderConfig;
import io.tandem.decoder.grpc.CallParts;
import io.tandem.engine.model.Part;
import io.tandem.engine.runner.Engine;
import io.tandem.engine.text.Tokenizer;
import io.tandem.runtime.NeededPart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Makes the decoder of this process from the model and the store that it finds, and starts and stops it. */
@ApplicationScoped
public class DecoderBeans {

    @Produces
    @Singleton
    NeededPart needed() {
        return new NeededPart(Part.DECODER);
    }

    @Produces
    @Singleton
    DecoderModel model(Engine engine, Tokenizer tokenizer, DecoderConfig config) {
        return DecoderModel.of(engine, tokenizer, config);
    }

    @Produces
    @Singleton
    Decoder decoder(DecoderConfig config, DecoderModel model, StateStore store, MeterRegistry registry) {
        return new Decoder(config, model, store, registry);
    }

    @Produces
    @Singleton
    CallParts parts(Decoder decoder) {
        return decoder.parts();
    }

    void start(@Observes StartupEvent event, Decoder decoder) {
        decoder.start();
    }

    void stop(@Observes ShutdownEvent event, Decoder decoder, DecoderModel model) {
        decoder.close();
        model.runner().close();
    }
}
