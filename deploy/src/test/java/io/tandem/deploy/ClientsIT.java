package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that others wrote understand the answers. */
@ExtendWith(DemoServer.class)
class ClientsIT {

    private static final String QUESTION = "Who are you?";

    private static String expected(Api api) {
        return api.post(
                        "/v1/chat/completions",
                        api.chat(Api.JSON.getNodeFactory().textNode(QUESTION)))
                .at("/choices/0/message/content")
                .asText();
    }

    @Test
    void openaiJava(TandemProcess tandem) {
        Api api = tandem.api();
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(api.baseUrl())
                .apiKey("none")
                .responseValidation(true)
                .build();
        ChatCompletionCreateParams request = ChatCompletionCreateParams.builder()
                .model(api.model())
                .temperature(0)
                .addUserMessage(QUESTION)
                .build();
        ChatCompletion answer = client.chat().completions().create(request);
        assertEquals(
                expected(api), answer.choices().getFirst().message().content().orElseThrow());
        StringBuilder streamed = new StringBuilder();
        try (StreamResponse<ChatCompletionChunk> chunks =
                client.chat().completions().createStreaming(request)) {
            chunks.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .forEach(streamed::append);
        }
        assertEquals(expected(api), streamed.toString());
        Completion completion = client.completions()
                .create(CompletionCreateParams.builder()
                        .model(api.model())
                        .temperature(0)
                        .maxTokens(5)
                        .prompt("The capital of")
                        .build());
        assertEquals(1, completion.choices().size());
        assertEquals(api.model(), client.models().list().data().getFirst().id());
        client.close();
    }

    @Test
    void langChain4j(TandemProcess tandem) {
        Api api = tandem.api();
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(api.baseUrl())
                .apiKey("none")
                .modelName(api.model())
                .temperature(0.0)
                .build();
        assertEquals(expected(api), model.chat(QUESTION));
    }

    @Test
    void openaiPython(TandemProcess tandem) throws Exception {
        assumeTrue(
                python("import openai").waitFor() == 0,
                "python3 has no package openai: `pip install openai`, or set TANDEM_PYTHON to a python that has it");
        Api api = tandem.api();
        Path picture = TandemProcess.evaluation().resolve("images/222.png");
        Process client = python("""
                import base64, sys
                from openai import OpenAI
                url, model, question, picture = sys.argv[1:]
                client = OpenAI(base_url=url, api_key="none")
                user = lambda content: [{"role": "user", "content": content}]
                whole = client.chat.completions.create(model=model, temperature=0, messages=user(question))
                chunks = client.chat.completions.create(model=model, temperature=0, messages=user(question), stream=True)
                streamed = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
                assert streamed == whole.choices[0].message.content, (streamed, whole)
                data = base64.b64encode(open(picture, "rb").read()).decode()
                seen = client.chat.completions.create(model=model, temperature=0, messages=user([
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64," + data}},
                    {"type": "text", "text": "Describe the picture."}]))
                assert seen.usage.prompt_tokens_details.cached_tokens is not None
                assert seen.choices[0].message.content, seen
                scored = client.chat.completions.create(model=model, temperature=0, messages=user(question),
                    logprobs=True, top_logprobs=2, frequency_penalty=0.1, presence_penalty=-0.1, logit_bias={"7": -100})
                content = scored.choices[0].logprobs.content
                assert len(content) == scored.usage.completion_tokens, scored
                text = b"".join(bytes(token.bytes) for token in content[:-1]).decode()
                assert text == scored.choices[0].message.content, scored
                assert all(len(token.top_logprobs) == 2 for token in content), scored
                legacy = client.completions.create(model=model, prompt=question, max_tokens=4, logprobs=1)
                assert len(legacy.choices[0].logprobs.token_logprobs) == len(legacy.choices[0].logprobs.tokens) <= 4
                beams = client.chat.completions.create(model=model, messages=user(question), n=2, max_tokens=8,
                    extra_body={"use_beam_search": True, "length_penalty": 0.5, "repetition_penalty": 1.1, "min_tokens": 2})
                assert len(beams.choices) == 2, beams
                import time
                file = client.files.create(file=("facts.txt", b"The oven should be at 170 degrees."), purpose="user_data")
                while client.files.retrieve(file.id).status == "uploaded":
                    time.sleep(0.05)
                assert client.files.retrieve(file.id).status == "processed", client.files.retrieve(file.id)
                assert file.id in [listed.id for listed in client.files.list()]
                assert client.files.content(file.id).read() == b"The oven should be at 170 degrees."
                read = client.chat.completions.create(model=model, temperature=0, messages=user([
                    {"type": "file", "file": {"file_id": file.id}},
                    {"type": "text", "text": "What is the oven temperature?"}]))
                assert read.usage.prompt_tokens_details.cached_tokens > 5, read
                assert client.files.delete(file.id).deleted
                try:
                    client.chat.completions.create(model="nobody", messages=user("hi"))
                except Exception as error:
                    assert type(error).__name__ == "NotFoundError", error
                print(streamed)
                """, api.baseUrl(), api.model(), QUESTION, picture.toString());
        String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, client.waitFor(), output);
        assertEquals(expected(api), output.strip());
    }

    private static Process python(String program, String... arguments) throws IOException {
        String python = System.getenv().getOrDefault("TANDEM_PYTHON", "python3");
        ProcessBuilder builder = new ProcessBuilder(python, "-c", program);
        builder.command().addAll(List.of(arguments));
        return builder.redirectErrorStream(true).start();
    }
}
