package io.tandem.gateway.documents;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.contract.encoder.v1.CutDocumentReply;
import io.tandem.contract.encoder.v1.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a text is cut. Immutable.
 *
 * @param cut names the way of cutting, which goes with a model and its settings
 * @param list in the text's order; bytes of it in UTF-8
 */
record Windows(String cut, List<Window> list) {

    private static final JsonMapper JSON = new JsonMapper();

    Windows {
        list = List.copyOf(list);
    }

    static Windows of(CutDocumentReply reply) {
        return new Windows(reply.getDocumentCut(), reply.getWindowsList());
    }

    static Windows read(byte[] json) throws IOException {
        JsonNode node = JSON.readTree(json);
        List<Window> windows = new ArrayList<>();
        for (JsonNode window : node.required("windows")) {
            windows.add(Window.newBuilder()
                    .setStart(window.get(0).intValue())
                    .setEnd(window.get(1).intValue())
                    .setTokens(window.get(2).intValue())
                    .build());
        }
        return new Windows(node.required("cut").asText(), windows);
    }

    byte[] json() throws IOException {
        ObjectNode node = JSON.createObjectNode().put("cut", cut);
        ArrayNode windows = node.putArray("windows");
        list.forEach(window ->
                windows.addArray().add(window.getStart()).add(window.getEnd()).add(window.getTokens()));
        return JSON.writeValueAsBytes(node);
    }

    /** Tokens of all windows, those in overlaps twice. */
    int tokens() {
        return list.stream().mapToInt(Window::getTokens).sum();
    }

    /** The parts of a text. */
    List<String> parts(byte[] text) {
        return list.stream()
                .map(window -> new String(
                        text, window.getStart(), window.getEnd() - window.getStart(), StandardCharsets.UTF_8))
                .toList();
    }
}
