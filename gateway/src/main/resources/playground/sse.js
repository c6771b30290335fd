/**
 * Reads server-sent events: yields the data of each event, however the network has cut the bytes.
 *
 * @param {ReadableStream<Uint8Array>} bytes
 * @returns {AsyncGenerator<string>}
 */
export async function* events(bytes) {
  let data = [];
  for await (const line of lines(bytes)) {
    if (line === "") {
      if (data.length > 0) {
        yield data.join("\n");
        data = [];
      }
    } else if (line.startsWith("data:")) {
      data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
    }
    // Anything else is a comment that keeps proxies awake, or a field that this API does not use.
  }
}

/** The lines that are complete; what follows the last line break was cut off and is nobody's event. */
async function* lines(bytes) {
  const decoder = new TextDecoder();
  const reader = bytes.getReader();
  let rest = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const pieces = (rest + decoder.decode(part.value, { stream: true })).split("\n");
      rest = pieces.pop();
      for (const piece of pieces) {
        yield piece.endsWith("\r") ? piece.slice(0, -1) : piece;
      }
    }
  } finally {
    // Whoever stops listening early must not leave the server writing.
    reader.cancel().catch(() => {});
  }
}
