package io.tandem.gateway.extraction;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/** What a reader of a page sees: its title, then the text of its body, block by block. */
final class HtmlText {

    private HtmlText() {}

    static void read(File file, TextCollector text) throws IOException {
        // Without a charset's name, jsoup looks for a byte order mark and at the page's own <meta>.
        Document page = Jsoup.parse(file, null);
        String title = page.title();
        page.select("script, style, noscript, template, svg, head, [hidden]").remove();
        if (!title.isBlank()) {
            text.append(title).append("\n\n");
        }
        try {
            page.body().filter(new Blocks(text));
        } catch (UncheckedIOException full) {
            throw full.getCause();
        }
    }

    /** Blocks that have no empty line around them. */
    private static final Set<String> LINES = Set.of("li", "tr", "tbody", "br", "dt", "dd");

    /** Writes nodes as they come. Used by one thread. */
    private static final class Blocks implements NodeFilter {
        private final TextCollector text;
        private boolean lineBegun;
        private boolean blankLine = true;

        private Blocks(TextCollector text) {
            this.text = text;
        }

        @Override
        public FilterResult head(Node node, int depth) {
            if (node instanceof TextNode words) {
                words(words);
            } else if (node instanceof Element element) {
                if (element.nameIs("br")) {
                    endLine();
                } else if (element.isBlock()) {
                    endLine();
                    if (isParagraph(element) && !blankLine) {
                        write("\n");
                        blankLine = true;
                    }
                } else if (lineBegun && (element.nameIs("td") || element.nameIs("th"))) {
                    write("\t");
                }
            }
            return FilterResult.CONTINUE;
        }

        @Override
        public FilterResult tail(Node node, int depth) {
            if (node instanceof Element element && (element.isBlock() || element.nameIs("tr"))) {
                endLine();
                if (isParagraph(element) && !blankLine) {
                    write("\n");
                    blankLine = true;
                }
            }
            return FilterResult.CONTINUE;
        }

        private void words(TextNode node) {
            boolean preformatted = node.parent() instanceof Element parent && parent.closest("pre, textarea") != null;
            String words = preformatted ? node.getWholeText() : node.text();
            String shown = lineBegun || preformatted ? words : words.stripLeading();
            if (!shown.isEmpty()) {
                write(shown);
                lineBegun = true;
                blankLine = false;
            }
        }

        private void endLine() {
            if (lineBegun) {
                write("\n");
                lineBegun = false;
            }
        }

        private static boolean isParagraph(Element element) {
            return !LINES.contains(element.normalName());
        }

        private void write(String more) {
            try {
                text.write(more);
            } catch (IOException full) {
                throw new UncheckedIOException(full);
            }
        }
    }
}
