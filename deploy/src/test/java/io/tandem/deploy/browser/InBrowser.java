package io.tandem.deploy.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands tests tabs of one Chromium, and holds every test to what holds for the page always: no complaint in the console, and
 * nothing fetched from anywhere but the machine itself.
 */
public final class InBrowser implements ExecutionCondition, ParameterResolver, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(InBrowser.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Chromium.find()
                .map(binary -> ConditionEvaluationResult.enabled("there is " + binary))
                .orElseGet(() -> ConditionEvaluationResult.disabled(
                        "no Chromium on the PATH: install one, or name it in " + Chromium.VARIABLE));
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Tab.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Chromium chromium = context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(
                        Chromium.class, key -> Chromium.start(Chromium.find().orElseThrow()), Chromium.class);
        Tab tab = chromium.open();
        // The store closes it after the test.
        context.getStore(NAMESPACE).put(parameter.getIndex(), tab);
        tabs(context).add(tab);
        return tab;
    }

    @SuppressWarnings("unchecked")
    private static List<Tab> tabs(ExtensionContext context) {
        return context.getStore(NAMESPACE).computeIfAbsent("tabs", key -> new ArrayList<>(), List.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        for (Tab tab : tabs(context)) {
            assertEquals(List.of(), tab.complaints());
            List<String> elsewhere = tab.addresses().stream()
                    .filter(address -> !address.startsWith("http://127.0.0.1:") && !address.startsWith("data:"))
                    .toList();
            assertEquals(List.of(), elsewhere);
        }
    }
}
