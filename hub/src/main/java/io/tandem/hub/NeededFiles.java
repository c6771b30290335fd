package io.tandem.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which files of a repository the engine reads, and in which order they are fetched. */
final class NeededFiles {

    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final List<String> REQUIRED = List.of("config.json", "tokenizer.json");
    private static final List<String> OPTIONAL = List.of(
            "generation_config.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            "preprocessor_config.json",
            "processor_config.json");

    /** The same rule as the engine's: shards lie beside their index. */
    private static final Pattern SHARD = Pattern.compile("[A-Za-z0-9_.-]+\\.safetensors");

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private NeededFiles() {}

    /**
     * What says what the model is; fetched first, so that a model that can't be served costs no download of its
     * weights.
     *
     * @throws HubException if the repository has not what the engine needs
     */
    static List<String> descriptions(ModelSource.Repository repository, Listing listing) {
        for (String name : REQUIRED) {
            if (!listing.has(name)) {
                throw new HubException(repository + " has no " + name + ", so it is no checkpoint that can be served");
            }
        }
        List<String> names = new ArrayList<>(REQUIRED);
        OPTIONAL.stream().filter(listing::has).forEach(names::add);
        if (!listing.has(WEIGHTS)) {
            if (!listing.has(INDEX)) {
                throw new HubException(repository + " has neither " + WEIGHTS + " nor " + INDEX
                        + ": only weights in safetensors can be served");
            }
            names.add(INDEX);
        }
        return names;
    }

    /**
     * The weights, once the descriptions are there.
     *
     * @param snapshot folder with the descriptions
     * @throws HubException if the index is malformed or names what the repository hasn't
     */
    static List<String> weights(ModelSource.Repository repository, Listing listing, Path snapshot) throws IOException {
        if (listing.has(WEIGHTS)) {
            return List.of(WEIGHTS);
        }
        List<String> shards = List.copyOf(shards(snapshot.resolve(INDEX)));
        for (String shard : shards) {
            if (!listing.has(shard)) {
                throw new HubException(INDEX + " of " + repository + " names " + shard + ", which isn't there");
            }
        }
        return shards;
    }

    /** What a snapshot on disk lacks; empty if it can be served. */
    static List<String> missing(Path snapshot) throws IOException {
        List<String> missing = new ArrayList<>();
        for (String name : REQUIRED) {
            if (!Files.exists(snapshot.resolve(name))) {
                missing.add(name);
            }
        }
        if (Files.exists(snapshot.resolve(WEIGHTS))) {
            return missing;
        }
        if (!Files.exists(snapshot.resolve(INDEX))) {
            missing.add(WEIGHTS);
            return missing;
        }
        for (String shard : shards(snapshot.resolve(INDEX))) {
            if (!Files.exists(snapshot.resolve(shard))) {
                missing.add(shard);
            }
        }
        return missing;
    }

    private static SortedSet<String> shards(Path index) throws IOException {
        JsonNode weightMap;
        try {
            weightMap = MAPPER.readTree(Files.readAllBytes(index)).path("weight_map");
        } catch (JsonProcessingException e) {
            throw new HubException(index + ": is not valid JSON: " + e.getOriginalMessage(), e);
        }
        SortedSet<String> shards = new TreeSet<>();
        for (JsonNode shard : weightMap) {
            if (!SHARD.matcher(shard.asText()).matches()) {
                throw new HubException(
                        index + ": names " + shard + ", not a .safetensors file in the repository's top folder");
            }
            shards.add(shard.asText());
        }
        if (shards.isEmpty()) {
            throw new HubException(index + ": weight_map is missing or empty");
        }
        return shards;
    }
}
