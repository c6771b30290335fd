import { element } from "./dom.js";

const HOPS = ["queue", "vision", "encode", "transfer", "decode"];
const CACHE = {
  hit: "Everything that was read came from the cache",
  partial: "Some of what was read came from the cache",
  miss: "Nothing of what was read was in the cache",
};

/**
 * What an answer cost and where its time went: the server's figures, and this page's where the server has none.
 *
 * @param {object} answer of a turn, written or not
 * @returns {HTMLElement}
 */
export function receipt(answer) {
  const box = element("div", { class: "receipt" });
  const summary = [cacheBadge(answer.head?.cache), usage(answer.usage), speed(answer)].filter(Boolean);
  if (summary.length > 0) {
    box.append(element("p", { class: "figures" }, ...summary));
  }
  const hops = hopTimes(answer);
  if (hops.length > 0) {
    box.append(bar(hops), legend(hops));
  }
  return box;
}

function cacheBadge(use) {
  return use && element("span", { class: `badge ${use}`, title: CACHE[use] ?? "" }, `cache ${use}`);
}

function usage(tokens) {
  if (!tokens) {
    return null;
  }
  const details = tokens.prompt_tokens_details ?? {};
  const read = [`${number(tokens.prompt_tokens)} read`];
  if (details.cached_tokens !== undefined) {
    read.push(`${number(details.cached_tokens)} cached`);
  }
  if (details.image_tokens) {
    read.push(`${number(details.image_tokens)} of pictures`);
  }
  return element(
    "span",
    { class: "usage" },
    `${read[0]} (${read.slice(1).join(", ")}) · ${number(tokens.completion_tokens)} written`,
  );
}

/**
 * Only a stream tells when its first token came. Its headers leave with that token, unless it was kept alive before; the
 * pieces themselves may have waited for each other on the way.
 */
function speed({ head, clock, usage: tokens }) {
  if (clock.first === undefined) {
    return null;
  }
  const parts = [`first token after ${milliseconds(clock.first - clock.asked)}`];
  const writing = clock.end - (head.cache ? clock.head : clock.first);
  if (tokens?.completion_tokens > 1 && writing > 0) {
    parts.push(`${number((tokens.completion_tokens - 1) / (writing / 1000))} tokens/s`);
  }
  return element("span", { class: "speed" }, parts.join(" · "));
}

/**
 * A stream's headers leave before its decoding is over; its last piece tells all. Of one that did not come that far, the last hop is
 * measured here.
 */
function hopTimes({ head, timings, clock, state }) {
  const timing = { ...head?.timing };
  if (timings) {
    HOPS.forEach((name) => (timing[name] = timings[`${name}_ms`]));
  }
  const hops = HOPS.filter((name) => timing[name] !== undefined).map((name) => ({
    name,
    label: name,
    time: timing[name],
  }));
  const decode = hops.find((hop) => hop.name === "decode");
  if (decode && decode.time === 0) {
    if (state === "writing") {
      hops.pop();
    } else {
      decode.time = clock.end - clock.head;
      decode.label = "decode, measured here";
    }
  }
  return hops;
}

function bar(hops) {
  const segments = hops.map(({ name, time }) => {
    const segment = element("span", { class: `hop ${name}` });
    segment.style.flexGrow = String(time);
    return segment;
  });
  return element("div", { class: "bar", "aria-hidden": "true" }, ...segments);
}

function legend(hops) {
  const entries = hops.map(({ name, label, time }) =>
    element(
      "li",
      { "data-hop": name },
      element("span", { class: `key-dot ${name}`, "aria-hidden": "true" }),
      `${label} ${milliseconds(time)}`,
    ),
  );
  return element("ul", { class: "legend", "aria-label": "Where the time went" }, ...entries);
}

function number(value) {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 && value % 1 ? 1 : 0 });
}

function milliseconds(value) {
  if (value >= 1000) {
    return `${(value / 1000).toLocaleString("en", { maximumFractionDigits: 2 })} s`;
  }
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 })} ms`;
}
