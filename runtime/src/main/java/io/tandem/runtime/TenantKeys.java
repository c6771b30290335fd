package io.tandem.runtime;

import io.tandem.cache.ContentKeys;
import io.tandem.engine.runner.Engine;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashMap;
import java.util.Map;

/** The content keys of each tenant for the model of this process; those used last are kept. Thread-safe. */
@Singleton
public class TenantKeys {

    private static final int MAX_KEPT = 1024;

    private final String fingerprint;
    private final String numerics;

    /** Guarded by itself. */
    private final Map<String, ContentKeys> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ContentKeys> eldest) {
            return size() > MAX_KEPT;
        }
    };

    /** Keys for what this engine computes. */
    @Inject
    public TenantKeys(Engine engine) {
        this.fingerprint = engine.fingerprint();
        this.numerics = engine.numerics();
    }

    /** The keys under a tenant's salt, which is empty when there is only one tenant. */
    public ContentKeys of(String tenant) {
        synchronized (kept) {
            return kept.computeIfAbsent(tenant, salt -> ContentKeys.of(fingerprint, numerics, salt));
        }
    }
}
