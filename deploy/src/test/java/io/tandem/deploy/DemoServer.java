package io.tandem.deploy;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Hands tests the packaged app with the demo checkpoint: one process for all classes that ask for it, as a server runs. */
final class DemoServer implements ParameterResolver {

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TandemProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(DemoServer.class))
                .computeIfAbsent(
                        TandemProcess.class,
                        key -> TandemProcess.start("demo", TandemProcess.demoModel()),
                        TandemProcess.class);
    }
}
