package io.tandem.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.engine.InvalidInputException;
import io.tandem.engine.checkpoint.GoldenCase;
import io.tandem.engine.checkpoint.GoldenCases;
import io.tandem.engine.checkpoint.GoldenTensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Room for images in a prompt, as transformers' processor makes it. */
class PromptExpansionTest {

    private static final String SEQUENCE =
            "\n\n<start_of_image>" + "<image_soft_token>".repeat(4) + "<end_of_image>\n\n";

    private static final GoldenCases GOLDEN = GoldenCases.open("multimodal");

    private static Tokenizer tokenizer;
    private static PromptExpansion expansion;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.open(GOLDEN.folder());
        expansion = PromptExpansion.of(tokenizer.specialTokens(), 4).orElseThrow();
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void equalsTheReferenceInEveryGoldenCase() {
        int prompts = 0;
        for (GoldenCase golden : GOLDEN.cases()) {
            GoldenTensor ids = golden.tensor(golden.tensors().containsKey("document.0") ? "document.0" : "input_ids");
            JsonNode texts = golden.options().get("text");
            for (int row = 0; row < ids.shape()[0]; row++) {
                String text = texts.isArray() ? texts.path(row).textValue() : texts.textValue();
                assertArrayEquals(rowWithoutPadding(ids, row), expandAndEncode(text), golden.name());
                prompts++;
            }
        }
        assertEquals(10, prompts);
    }

    private static int[] expandAndEncode(String text) {
        int images = text.split("<start_of_image>", -1).length - 1;
        return tokenizer.encodePrompt(expansion.expand("prompt", text, new int[images]));
    }

    private static int[] rowWithoutPadding(GoldenTensor ids, int row) {
        int length = ids.shape()[1];
        int[] padded = Arrays.copyOfRange(ids.ints(), row * length, (row + 1) * length);
        int bos = tokenizer.specialTokens().beginningOfSequence().id();
        return Arrays.stream(padded).dropWhile(id -> id != bos).toArray();
    }

    @Test
    void cropsComeWithTheSentenceOfTheReference() {
        String expected =
                "See Here is the original image " + SEQUENCE + " and here are some crops to help you see better "
                        + SEQUENCE + " " + SEQUENCE + " and " + SEQUENCE + "!";
        assertEquals(
                expected, expansion.expand("prompt", "See <start_of_image> and <start_of_image>!", new int[] {2, 0}));
    }

    @Test
    void namesBothCountsWhenTheyDiffer() {
        InvalidInputException tooFew = refused("<start_of_image> and <start_of_image>", 1);
        assertEquals(
                "the text has <start_of_image> 2 times, but 1 image is given; there must be one for each image",
                tooFew.getMessage());
        assertEquals("prompt", tooFew.field());
        assertTrue(refused("no place", 3).getMessage().contains("<start_of_image> 0 times, but 3 images are given"));
        assertTrue(
                refused("<start_of_image>", 0).getMessage().contains("<start_of_image> once, but 0 images are given"));
    }

    @Test
    void softTokensCannotBeSmuggledIn() {
        InvalidInputException failure = refused("<start_of_image> <image_soft_token>", 1);
        assertEquals("prompt", failure.field());
        assertTrue(failure.getMessage().contains("<image_soft_token> once"), failure.getMessage());
    }

    @Test
    void aCheckpointWithoutImageTokensHasNone() {
        SpecialTokens all = tokenizer.specialTokens();
        SpecialTokens textOnly = new SpecialTokens(
                all.beginningOfSequence(),
                all.endOfSequence(),
                all.startOfImage(),
                all.endOfImage(),
                Optional.empty(),
                Map.of());
        assertEquals(Optional.empty(), PromptExpansion.of(textOnly, 4));
    }

    private static InvalidInputException refused(String text, int images) {
        return assertThrows(InvalidInputException.class, () -> expansion.expand("prompt", text, new int[images]));
    }
}
