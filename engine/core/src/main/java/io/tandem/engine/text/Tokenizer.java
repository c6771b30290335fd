package io.tandem.engine.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.tandem.engine.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Text to token ids and back, as {@code tokenizer.json} of a checkpoint defines it; thread-safe, owned by whoever
 * opened it.
 *
 * <p>The work is done by Hugging Face's tokenizers library through DJL. Its native part comes with the jar and is
 * unpacked once into the environment's {@code $ENGINE_CACHE_DIR}, else the folder of {@link #unpackNativeLibraryInto},
 * else {@code $DJL_CACHE_DIR}, else {@code ~/.djl.ai}. Where the root is read-only, one of the first three has to name
 * a writable folder, or {@code $RUST_LIBRARY_PATH} the folder with the unpacked library. Nothing is ever downloaded.
 */
public final class Tokenizer implements AutoCloseable {

    static {
        // DJL fetches a CUDA build of the library when it sees a GPU, unless it is told otherwise before it loads.
        setUnlessPresent("RUST_FLAVOR", "cpu");
        setUnlessPresent("ai.djl.offline", "true");
    }

    private final TokenizerFile file;
    private final HuggingFaceTokenizer nativeTokenizer;
    private final SpecialTokens specialTokens;
    private final Optional<Boolean> addBosToken;
    private final boolean postProcessorAddsBos;

    /** Read: the native tokenizer is in use; write: it is being freed. Using it after that would crash the JVM. */
    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();

    private boolean closed;

    private Tokenizer(TokenizerFile file, TokenizerConfig config, HuggingFaceTokenizer nativeTokenizer, Path source) {
        this.file = file;
        this.nativeTokenizer = nativeTokenizer;
        this.specialTokens = new SpecialTokens(
                token(config.tokenText("bos_token").orElse("<bos>"), source),
                token(config.tokenText("eos_token").orElse("<eos>"), source),
                config.tokenText("boi_token").map(text -> token(text, source)),
                config.tokenText("eoi_token").map(text -> token(text, source)),
                config.tokenText("image_token").map(text -> token(text, source)),
                config.tokenTexts());
        this.addBosToken = config.addBosToken();
        this.postProcessorAddsBos = startsWithBos(encodeNatively("", true));
    }

    /**
     * Reads {@code tokenizer.json} and {@code tokenizer_config.json} of a checkpoint.
     *
     * @throws CheckpointException if {@code tokenizer.json} is missing or broken, or if a token that the configuration
     *     names is not in it; the message names the file
     */
    public static Tokenizer open(Path checkpointDirectory) {
        Path source = checkpointDirectory.resolve(TokenizerFile.FILE_NAME);
        if (!Files.isRegularFile(source)) {
            throw new CheckpointException("there is no file " + source);
        }
        TokenizerFile file = TokenizerFile.read(source);
        TokenizerConfig config = TokenizerConfig.read(checkpointDirectory);
        HuggingFaceTokenizer nativeTokenizer = openNatively(source);
        try {
            return new Tokenizer(file, config, nativeTokenizer, source);
        } catch (RuntimeException e) {
            nativeTokenizer.close();
            throw e;
        }
    }

    /**
     * Names the folder for the unpacked native library. It is read when the first tokenizer of the process is opened;
     * later calls have no effect.
     */
    public static void unpackNativeLibraryInto(Path folder) {
        System.setProperty("ENGINE_CACHE_DIR", folder.toAbsolutePath().toString());
    }

    /**
     * The ids of a text, with {@code <bos>} by the tokenizer's own rule: {@code add_bos_token} of
     * tokenizer_config.json, else the post-processor of tokenizer.json. Special tokens written in the text count as
     * such. Lone surrogates, which no UTF-8 text can hold, are read as U+FFFD.
     *
     * @return ids, [tokens]
     */
    public int[] encode(String text) {
        int[] ids = encode(text, true);
        if (addBosToken.isEmpty() || addBosToken.get() == postProcessorAddsBos) {
            return ids;
        }
        return addBosToken.get() ? prepend(specialTokens.beginningOfSequence().id(), ids) : withoutFirst(ids);
    }

    /**
     * The ids of a text and nothing else, as for the continuation of a text; otherwise as {@link #encode}.
     *
     * @return ids, [tokens]
     */
    public int[] encodeWithoutSpecial(String text) {
        return encode(text, false);
    }

    /**
     * The ids of a rendered and expanded prompt: {@code <bos>} comes by the tokenizer's own rule unless the prompt
     * starts with it already, as the chat templates of Gemma make it do. transformers' processors have the same rule.
     *
     * @return ids, [tokens]
     */
    public int[] encodePrompt(String prompt) {
        boolean startsWithBos =
                prompt.startsWith(specialTokens.beginningOfSequence().text());
        return startsWithBos ? encodeWithoutSpecial(prompt) : encode(prompt);
    }

    /**
     * The text of token ids. Ids that the tokenizer does not know decode to nothing (the model's vocabulary is larger);
     * bytes that are no UTF-8 decode to U+FFFD.
     *
     * @param ids [tokens]
     */
    public String decode(int[] ids, boolean skipSpecialTokens) {
        long[] wideIds = new long[ids.length];
        int count = 0;
        for (int id : ids) {
            if (file.isKnown(id)) {
                wideIds[count++] = id;
            }
        }
        lifetime.readLock().lock();
        try {
            requireOpen();
            return nativeTokenizer.decode(Arrays.copyOf(wideIds, count), skipSpecialTokens);
        } finally {
            lifetime.readLock().unlock();
        }
    }

    /** The special tokens that the checkpoint names by role. */
    public SpecialTokens specialTokens() {
        return specialTokens;
    }

    /** The id of an added token by its text, such as {@code <end_of_turn>}; all special tokens are among them. */
    public OptionalInt addedTokenId(String text) {
        Integer id = file.addedTokens().get(text);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether {@link #decode} leaves this id out when it skips special tokens. */
    public boolean isSpecial(int id) {
        return file.isSpecial(id);
    }

    /** One more than the greatest id that the tokenizer knows; at most the model's vocabulary size. */
    public int vocabularySize() {
        return file.vocabularySize();
    }

    /**
     * What a token adds to a text that has begun, in UTF-8: several characters, or a part of one if it stands for a byte. Special
     * tokens add what they are called; ids that the tokenizer does not know add nothing.
     */
    public byte[] bytesOf(int id) {
        OptionalInt value = file.byteValue(id);
        if (value.isPresent()) {
            return new byte[] {(byte) value.getAsInt()};
        }
        // Behind itself, as a decoder may treat the first token of a text differently.
        String alone = decode(new int[] {id}, false);
        return decode(new int[] {id, id}, false).substring(alone.length()).getBytes(StandardCharsets.UTF_8);
    }

    /** A detokenizer for one stream of ids. */
    public IncrementalDetokenizer newDetokenizer(boolean skipSpecialTokens) {
        return new IncrementalDetokenizer(this, skipSpecialTokens);
    }

    /** Frees the native tokenizer after the calls in progress; later calls throw {@link IllegalStateException}. */
    @Override
    public void close() {
        lifetime.writeLock().lock();
        try {
            closed = true;
            nativeTokenizer.close();
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    /** Whether an id leaves no trace in decoded text. */
    boolean isSkipped(int id, boolean skipSpecialTokens) {
        return !file.isKnown(id) || (skipSpecialTokens && file.isSpecial(id));
    }

    /** Whether the text of an id depends on the ids around it. */
    boolean isByte(int id) {
        return file.isByte(id);
    }

    private static HuggingFaceTokenizer openNatively(Path source) {
        // "false" for both: DJL would cut at 512 tokens and pad by default, and warn about either.
        Map<String, String> options = Map.of("truncation", "false", "padding", "false");
        try (InputStream json = Files.newInputStream(source)) {
            return HuggingFaceTokenizer.newInstance(json, options);
        } catch (IOException | RuntimeException e) {
            throw new CheckpointException("can't load " + source + ": " + e.getMessage(), e);
        }
    }

    private SpecialToken token(String text, Path source) {
        Integer id = file.addedTokens().get(text);
        if (id == null) {
            throw new CheckpointException(TokenizerConfig.FILE_NAME + " names the token " + text
                    + ", which is not in added_tokens of " + source);
        }
        return new SpecialToken(text, id);
    }

    private int[] encode(String text, boolean addSpecialTokens) {
        String wellFormed = replaceLoneSurrogates(text);
        lifetime.readLock().lock();
        try {
            requireOpen();
            return encodeNatively(wellFormed, addSpecialTokens);
        } finally {
            lifetime.readLock().unlock();
        }
    }

    private int[] encodeNatively(String text, boolean addSpecialTokens) {
        long[] wideIds = nativeTokenizer.encode(text, addSpecialTokens, false).getIds();
        int[] ids = new int[wideIds.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.toIntExact(wideIds[i]);
        }
        return ids;
    }

    private boolean startsWithBos(int[] ids) {
        return ids.length > 0 && ids[0] == specialTokens.beginningOfSequence().id();
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the tokenizer is closed");
        }
    }

    private static int[] prepend(int id, int[] ids) {
        int[] result = new int[ids.length + 1];
        result[0] = id;
        System.arraycopy(ids, 0, result, 1, ids.length);
        return result;
    }

    private static int[] withoutFirst(int[] ids) {
        return Arrays.copyOfRange(ids, 1, ids.length);
    }

    private static String replaceLoneSurrogates(String text) {
        StringBuilder result = null;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (!Character.isSurrogate(unit)) {
                continue;
            }
            if (Character.isHighSurrogate(unit)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            result = result == null ? new StringBuilder(text) : result;
            result.setCharAt(i, '\uFFFD');
        }
        return result == null ? text : result.toString();
    }

    private static void setUnlessPresent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
