import { events } from "./sse.js";

/** Uploads of a page that nobody comes back to end by themselves. */
const UPLOAD_SECONDS = 24 * 60 * 60;
const POLL_MILLIS = 100;

/** A request that failed, with all that the server said about it. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {object} details status (0 when no answer came), type, param, code, requestId and retryAfter in seconds;
   *     null where the server said nothing
   */
  constructor(message, details = {}) {
    super(message);
    Object.assign(this, { status: 0, type: null, param: null, code: null, requestId: null, retryAfter: null }, details);
  }
}

/** A stream that ended before its end: what came so far is not the whole answer. */
export class CutError extends Error {}

/** The gateway's API, as far as this page needs it. */
export class Api {
  /** @param {{current: string}} key sent when it is not empty */
  constructor(key) {
    this.key = key;
  }

  /** What is served: the first entry of /v1/models. */
  async model() {
    const response = await this.#fetch("v1/models", {});
    return (await response.json()).data[0];
  }

  /** How many tokens a conversation has for the encoder. */
  async count(model, messages) {
    const response = await this.#fetch("tokenize", post({ model, messages }));
    return (await response.json()).count;
  }

  /**
   * Asks for an answer.
   *
   * @param {object} body of /v1/chat/completions
   * @param {AbortSignal} signal stops it
   * @returns {Promise<{head: object, chunks: AsyncIterable<object>}>} what the headers say, and the answer's
   *     pieces; an answer that is not streamed is one piece
   */
  async chat(body, signal) {
    const response = await this.#fetch("v1/chat/completions", { ...post(body), signal });
    const head = headOf(response.headers);
    return { head, chunks: body.stream ? streamed(response, head) : whole(response) };
  }

  /**
   * Uploads a document, and waits until the server knows whether it can be read.
   *
   * @param {File} file
   * @returns {Promise<object>} the file as /v1/files shows it
   */
  async upload(file) {
    const form = new FormData();
    form.append("purpose", "user_data");
    form.append("expires_after[anchor]", "created_at");
    form.append("expires_after[seconds]", String(UPLOAD_SECONDS));
    form.append("file", file, file.name);
    let uploaded = await (await this.#fetch("v1/files", { method: "POST", body: form })).json();
    while (uploaded.status === "uploaded" && uploaded.tandem.windows === 0) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLIS));
      uploaded = await (await this.#fetch(`v1/files/${uploaded.id}`, {})).json();
    }
    return uploaded;
  }

  /** Deletes an uploaded document; one that is gone already is no failure. */
  async remove(id) {
    try {
      await this.#fetch(`v1/files/${id}`, { method: "DELETE" });
    } catch (failure) {
      if (!(failure instanceof ApiError)) {
        throw failure;
      }
    }
  }

  async #fetch(path, options) {
    const headers = { ...options.headers };
    if (this.key.current) {
      headers.Authorization = `Bearer ${this.key.current}`;
    }
    let response;
    try {
      response = await fetch(path, { ...options, headers, cache: "no-store" });
    } catch (failure) {
      if (failure.name === "AbortError") {
        throw failure;
      }
      throw new ApiError("The server cannot be reached.");
    }
    if (!response.ok) {
      throw await refusal(response);
    }
    return response;
  }
}

function post(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function headOf(headers) {
  return {
    requestId: headers.get("x-request-id"),
    cache: headers.get("x-tandem-cache"),
    decoder: headers.get("x-tandem-decoder"),
    timing: serverTiming(headers.get("server-timing")),
  };
}

/** Reads "queue;dur=1.5, vision;dur=0" into milliseconds by name. */
function serverTiming(header) {
  const timing = {};
  for (const entry of (header ?? "").split(",")) {
    const [name, ...parameters] = entry.split(";").map((part) => part.trim());
    const duration = parameters.find((parameter) => parameter.startsWith("dur="));
    if (duration) {
      timing[name] = Number(duration.slice(4));
    }
  }
  return timing;
}

async function* whole(response) {
  yield await response.json();
}

async function* streamed(response, head) {
  try {
    for await (const data of events(response.body)) {
      if (data === "[DONE]") {
        return;
      }
      const piece = JSON.parse(data);
      if (piece.error) {
        throw errorOf(piece.error, { status: response.status, requestId: head.requestId });
      }
      yield piece;
    }
  } catch (failure) {
    if (failure instanceof ApiError || failure.name === "AbortError") {
      throw failure;
    }
    throw new CutError();
  }
  throw new CutError();
}

async function refusal(response) {
  const details = {
    status: response.status,
    requestId: response.headers.get("x-request-id"),
    retryAfter: seconds(response.headers.get("retry-after")),
  };
  try {
    return errorOf((await response.json()).error, details);
  } catch {
    // A proxy's page, or nothing at all.
    return new ApiError(`The server answered with status ${response.status}.`, details);
  }
}

function errorOf(error, details) {
  return new ApiError(error.message, { ...details, type: error.type, param: error.param, code: error.code });
}

function seconds(header) {
  return /^\d+$/.test(header ?? "") ? Number(header) : null;
}
