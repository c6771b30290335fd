package io.tandem.telemetry.grpc;

import io.grpc.Metadata;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.List;

/** What calls carry for telemetry, and what spans say of them. */
final class CallMetadata {

    static final Metadata.Key<String> REQUEST_ID = ascii("x-request-id");

    static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system");
    static final AttributeKey<String> SERVICE = AttributeKey.stringKey("rpc.service");
    static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
    static final AttributeKey<Long> STATUS = AttributeKey.longKey("rpc.grpc.status_code");

    static final TextMapSetter<Metadata> SETTER = (headers, name, value) -> headers.put(ascii(name), value);

    static final TextMapGetter<Metadata> GETTER = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
            return List.copyOf(headers.keys());
        }

        @Override
        public String get(Metadata headers, String name) {
            return headers.get(ascii(name));
        }
    };

    private CallMetadata() {}

    private static Metadata.Key<String> ascii(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
