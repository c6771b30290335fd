package io.tandem.deploy;

import io.tandem.deploy.browser.Tab;
import io.tandem.deploy.browser.Tab.Key;
import java.nio.file.Path;

/** The playground in a tab, in the words of its users. Owned by one test. */
record PlaygroundPage(Tab tab) {

    /** Opens the page and waits until it knows the model. */
    static PlaygroundPage open(Tab tab, Api api) {
        tab.go(api.page());
        PlaygroundPage page = new PlaygroundPage(tab);
        page.awaitModel();
        return page;
    }

    void awaitModel() {
        tab.await("document.querySelector('#dot').className === 'dot ready'");
        tab.await("!document.querySelector('#system').disabled");
    }

    /** Asks and does not wait for the answer. */
    void begin(String question) {
        tab.click("#message");
        tab.type(question);
        tab.press(Key.ENTER);
    }

    /** Asks and waits for the end of the answer. */
    String ask(String question) {
        int before = answers();
        begin(question);
        awaitAnswers(before + 1);
        return answer();
    }

    void awaitAnswers(int count) {
        tab.await("document.querySelectorAll('.actions').length === " + count);
    }

    int answers() {
        return tab.count(".actions");
    }

    /** The last answer. */
    String answer() {
        return tab.text(".answer-text");
    }

    /** What the last answer cost, as it is shown. */
    String usage() {
        return tab.text(".usage");
    }

    /** Attaches files by the dialog and waits until the page has taken or refused them. */
    void attach(int shown, Path... files) {
        tab.choose("#files", files);
        awaitChips(shown);
    }

    void awaitChips(int shown) {
        tab.await("document.querySelectorAll('.chip').length === " + shown);
    }

    /** Sets a field of the settings, as typing does. */
    void set(String name, String value) {
        tab.evaluate("""
                (() => {
                  const field = document.querySelector('[name=%s]');
                  field.value = '%s';
                  field.dispatchEvent(new Event('input', {bubbles: true}));
                })()""".formatted(name, value));
    }

    /** Whether something is wider than the page. */
    boolean scrollsSideways() {
        return tab.evaluate("""
                        [document.documentElement, ...document.querySelectorAll('body *')].some((element) =>
                            element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
                                && ['auto', 'scroll', 'visible'].includes(getComputedStyle(element).overflowX)
                                && getComputedStyle(element).display !== 'inline'
                                && !element.closest('.sr, svg'))
                        || document.documentElement.scrollWidth > innerWidth""").asBoolean();
    }
}
