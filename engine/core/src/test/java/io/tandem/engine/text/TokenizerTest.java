package io.tandem.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizing and detokenizing as transformers does it, and what happens to broken files. */
class TokenizerTest {

    private static final GoldenCases GOLDEN = GoldenCases.open("tokenizer");

    private static Tokenizer tokenizer;

    @TempDir
    Path checkpoint;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.open(GOLDEN.folder());
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void equalsTheReferenceInEveryGoldenCase() {
        List<GoldenCase> cases = GOLDEN.cases();
        assertEquals(63, cases.size());
        for (GoldenCase golden : cases) {
            String text = golden.options().get("text").textValue();
            int[] ids = GoldenJson.ids(golden.options().get("ids"));
            assertArrayEquals(ids, tokenizer.encode(text), text);
            assertArrayEquals(
                    GoldenJson.ids(golden.options().get("ids_without_bos")),
                    tokenizer.encodeWithoutSpecial(text),
                    text);
            assertEquals(golden.options().get("decoded").textValue(), tokenizer.decode(ids, false));
            assertEquals(golden.options().get("decoded_without_special").textValue(), tokenizer.decode(ids, true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text-sliding", "text-sliding-odd", "softcap"})
    void equalsTheReferenceInTheTextCaseOfAModel(String folder) {
        GoldenCase golden = GoldenCases.open(folder).named("text");
        try (Tokenizer ofModel = Tokenizer.open(GoldenCases.folder(folder))) {
            String text = golden.options().get("text").textValue();
            assertArrayEquals(golden.tensor("input_ids").ints(), ofModel.encode(text));
        }
    }

    @Test
    void decodesTheAnswersOfTheDemoModel() throws IOException {
        Path root = Path.of(System.getProperty("tandem.root"));
        Path evaluation = root.resolve("deploy/src/test/eval/cases.jsonl");
        ObjectMapper json = new ObjectMapper();
        try (Tokenizer demo = Tokenizer.open(root.resolve("deploy/demo-model"))) {
            for (String line : Files.readAllLines(evaluation)) {
                JsonNode entry = json.readTree(line);
                String decoded = demo.decode(GoldenJson.ids(entry.path("transformers_tokens")), true);
                assertEquals(entry.path("transformers_output").textValue(), decoded);
            }
            assertEquals(4096, demo.vocabularySize());
        }
    }

    @Test
    void knowsTheSpecialTokens() {
        assertEquals(466, tokenizer.vocabularySize());
        assertEquals(new SpecialToken("<bos>", 2), tokenizer.specialTokens().beginningOfSequence());
        assertEquals(new SpecialToken("<eos>", 1), tokenizer.specialTokens().endOfSequence());
        assertEquals(
                new SpecialToken("<image_soft_token>", 465),
                tokenizer.specialTokens().imageSoftToken().orElseThrow());
        assertEquals("<pad>", tokenizer.specialTokens().texts().get("pad_token"));
        assertEquals(OptionalInt.of(6), tokenizer.addedTokenId("<end_of_turn>"));
        assertEquals(OptionalInt.empty(), tokenizer.addedTokenId("<no_such_token>"));
        assertTrue(tokenizer.isSpecial(6));
        assertFalse(tokenizer.isSpecial(7), "a line feed is an added token, but not a special one");
        assertFalse(tokenizer.isSpecial(-1));
    }

    @Test
    void theBytesOfTokensAreThoseOfTheirText() {
        int inParts = 0;
        for (GoldenCase golden : GOLDEN.cases()) {
            int[] ids = GoldenJson.ids(golden.options().get("ids"));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int id : ids) {
                bytes.writeBytes(tokenizer.bytesOf(id));
                inParts += tokenizer.isByte(id) ? 1 : 0;
            }
            assertEquals(tokenizer.decode(ids, false), bytes.toString(StandardCharsets.UTF_8), golden.name());
        }
        assertTrue(inParts > 20, "characters in parts: " + inParts);
        assertEquals(0, tokenizer.bytesOf(1 << 20).length);
    }

    @Test
    void idsBeyondTheVocabularyDecodeToNothing() {
        assertEquals("a", tokenizer.decode(new int[] {466, 298, 511, -1}, false));
    }

    @Test
    void halfASurrogatePairIsReadAsAReplacementCharacter() {
        assertArrayEquals(tokenizer.encode("a\uFFFDb"), tokenizer.encode("a\uD83Db"));
        assertArrayEquals(tokenizer.encode("a\uFFFD"), tokenizer.encode("a\uDE00"));
    }

    @Test
    void aPromptThatHasBosGetsNoOther() {
        assertArrayEquals(tokenizer.encode("Hello"), tokenizer.encodePrompt("<bos>Hello"));
        assertArrayEquals(tokenizer.encode("Hello"), tokenizer.encodePrompt("Hello"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void addBosTokenOverrulesThePostProcessor(boolean postProcessorAddsBos) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode file = (ObjectNode)
                json.readTree(GOLDEN.folder().resolve(TokenizerFile.FILE_NAME).toFile());
        if (!postProcessorAddsBos) {
            file.putNull("post_processor");
        }
        json.writeValue(checkpoint.resolve(TokenizerFile.FILE_NAME).toFile(), file);
        int[] bare = tokenizer.encodeWithoutSpecial("Hello");
        try (Tokenizer silent = openWithConfig("{}")) {
            assertEquals(postProcessorAddsBos ? bare.length + 1 : bare.length, silent.encode("Hello").length);
        }
        try (Tokenizer without = openWithConfig("{\"add_bos_token\": false}")) {
            assertArrayEquals(bare, without.encode("Hello"));
        }
        try (Tokenizer with = openWithConfig("{\"add_bos_token\": true}")) {
            assertArrayEquals(tokenizer.encode("Hello"), with.encode("Hello"));
        }
    }

    @Test
    void textsLongerThanTheUsualLimitsAreNotCut() {
        String text = "a b ".repeat(10_000);
        int[] ids = tokenizer.encodeWithoutSpecial(text);
        assertTrue(ids.length >= 10_000, () -> ids.length + " ids");
        assertEquals(text, tokenizer.decode(ids, true));
    }

    @Test
    void manyThreadsGetTheSameIds() throws Exception {
        List<GoldenCase> cases = GOLDEN.cases();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> results = new ArrayList<>();
            for (int worker = 0; worker < 8; worker++) {
                results.add(threads.submit(() -> {
                    for (GoldenCase golden : cases) {
                        int[] ids = GoldenJson.ids(golden.options().get("ids"));
                        assertArrayEquals(
                                ids,
                                tokenizer.encode(golden.options().get("text").textValue()));
                        assertEquals(golden.options().get("decoded").textValue(), tokenizer.decode(ids, false));
                    }
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
    }

    @Test
    void isOfNoUseOnceClosed() {
        Tokenizer closed = Tokenizer.open(GOLDEN.folder());
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.encode("a"));
        assertThrows(IllegalStateException.class, () -> closed.decode(new int[] {298}, true));
    }

    @Test
    void namesAMissingFile() {
        assertNamesFile(TokenizerFile.FILE_NAME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"model\": {\"vocab\": {\"a\": 0}}}",
                "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"Metaspace\"}}",
                "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"Fuse\"}}",
                "{\"model\": {\"vocab\": [[\"a\", 0.5]]}}",
                "{\"model\": {\"vocab\": {\"a\": \"0\"}}}"
            })
    void namesABrokenFile(String json) throws IOException {
        Files.writeString(checkpoint.resolve(TokenizerFile.FILE_NAME), json);
        assertNamesFile(TokenizerFile.FILE_NAME);
    }

    @Test
    void namesATruncatedFile() throws IOException {
        String json = Files.readString(GOLDEN.folder().resolve(TokenizerFile.FILE_NAME));
        Files.writeString(checkpoint.resolve(TokenizerFile.FILE_NAME), json.substring(0, json.length() / 2));
        assertNamesFile(TokenizerFile.FILE_NAME);
    }

    @Test
    void namesABrokenConfiguration() throws IOException {
        Files.copy(GOLDEN.folder().resolve(TokenizerFile.FILE_NAME), checkpoint.resolve(TokenizerFile.FILE_NAME));
        Files.writeString(checkpoint.resolve(TokenizerConfig.FILE_NAME), "{\"bos_token\":");
        assertNamesFile(TokenizerConfig.FILE_NAME);
        Files.writeString(checkpoint.resolve(TokenizerConfig.FILE_NAME), "{\"bos_token\": \"<no_such_token>\"}");
        assertNamesFile(TokenizerFile.FILE_NAME);
    }

    private Tokenizer openWithConfig(String config) throws IOException {
        Files.writeString(checkpoint.resolve(TokenizerConfig.FILE_NAME), config);
        return Tokenizer.open(checkpoint);
    }

    private void assertNamesFile(String name) {
        CheckpointException failure = assertThrows(CheckpointException.class, () -> Tokenizer.open(checkpoint));
        String path = checkpoint.resolve(name).toString();
        assertTrue(failure.getMessage().contains(path), failure.getMessage());
    }
}
