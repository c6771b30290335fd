import { ApiError, CutError } from "./api.js";

/**
 * Has one answer written: fills it in piece by piece and keeps the times at which things came.
 *
 * @param {import("./api.js").Api} api
 * @param {object} answer of a turn; {@code state} tells how it ended
 * @param {object} body of the request
 * @param {AbortSignal} signal stops it
 * @param {(delta: string) => void} changed called after each change, with the text that was added
 */
export async function write(api, answer, body, signal, changed) {
  const clock = (answer.clock = { asked: performance.now() });
  try {
    const { head, chunks } = await api.chat(body, signal);
    answer.head = head;
    answer.state = "writing";
    clock.head = performance.now();
    for await (const chunk of chunks) {
      changed(take(chunk, answer));
    }
    answer.state = "done";
  } catch (failure) {
    if (failure.name === "AbortError" || signal.aborted) {
      answer.state = "stopped";
    } else if (failure instanceof CutError) {
      answer.state = "cut";
    } else if (failure instanceof ApiError) {
      answer.state = "failed";
      answer.error = failure;
    } else {
      throw failure;
    }
  } finally {
    clock.end = performance.now();
  }
  changed("");
}

/** Takes a piece of an answer, or a whole one, and returns its text. */
function take(chunk, answer) {
  answer.usage = chunk.usage ?? answer.usage;
  answer.timings = chunk.timings ?? answer.timings;
  const choice = chunk.choices[0];
  if (!choice) {
    return "";
  }
  answer.finish = choice.finish_reason ?? answer.finish;
  const text = (choice.delta ?? choice.message).content ?? "";
  if (text && choice.delta) {
    answer.clock.first ??= performance.now();
  }
  answer.text += text;
  return text;
}
