import { element, icon } from "./dom.js";
import { receipt } from "./receipt.js";

const NOTES = {
  stopped: "Stopped.",
  cut: "The connection broke before the answer was complete.",
  length: "Ended at the limit of tokens.",
};
const TICK_MILLIS = 1000;

/** One question and its answer on the page. */
export class TurnView {
  #turn;
  #again;
  #text = document.createTextNode("");
  #body;
  #below = element("div", { class: "below" });
  #countdown = null;

  /**
   * @param {object} turn of the conversation
   * @param {() => void} again has the answer written again
   */
  constructor(turn, again) {
    this.#turn = turn;
    this.#again = again;
    this.#body = element("div", { class: "answer-text", "aria-busy": "true" }, this.#text);
    this.root = element(
      "li",
      { class: "turn" },
      question(turn.question),
      element("article", { class: "answer" }, element("h2", { class: "sr" }, "Answer"), this.#body, this.#below),
    );
    this.restart();
  }

  /** Begins with an empty answer. */
  restart() {
    clearInterval(this.#countdown);
    this.#text.data = "";
    this.#body.setAttribute("aria-busy", "true");
    this.#below.replaceChildren();
  }

  /** Takes a piece of the answer. */
  append(delta) {
    this.#text.appendData(delta);
  }

  /** Shows how the answer ended. */
  finish() {
    const { answer } = this.#turn;
    this.#body.setAttribute("aria-busy", "false");
    const note = NOTES[answer.state] ?? NOTES[answer.finish];
    const parts = [
      note && element("p", { class: `note ${answer.state}` }, note),
      answer.error && this.#failure(answer.error),
    ];
    if (answer.head) {
      parts.push(receipt(answer));
    }
    this.#below.replaceChildren(...parts.filter(Boolean), this.#actions(answer));
  }

  /** Takes the means to write again away: only the last answer has them. */
  settle() {
    clearInterval(this.#countdown);
    this.#below.querySelectorAll("[data-again]").forEach((button) => button.remove());
  }

  #failure(error) {
    const details = [
      ["Field", error.param],
      ["Code", error.code],
      ["Request", error.requestId],
    ].filter(([, value]) => value);
    return element(
      "div",
      { class: "failure", role: "alert" },
      element("p", { class: "message" }, error.message),
      element(
        "dl",
        {},
        ...details.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
      ),
    );
  }

  #actions({ text, state, error, head }) {
    const row = element("div", { class: "actions" });
    // Browsers offer the clipboard over HTTPS and on the machine itself only.
    if (text && navigator.clipboard) {
      row.append(action("copy", "Copy", {}, (event) => copy(event.currentTarget, text)));
    }
    const label = state === "failed" || state === "cut" ? "Try again" : "Regenerate";
    const again = action("again", label, { "data-again": true }, this.#again);
    row.append(again);
    if (error?.retryAfter) {
      this.#wait(again, label, error.retryAfter);
    }
    if (head?.requestId && !error) {
      row.append(element("span", { class: "request", title: "Request id" }, head.requestId));
    }
    return row;
  }

  /** Counts down what the server asked for. */
  #wait(button, label, seconds) {
    const until = performance.now() + seconds * 1000;
    const show = () => {
      const left = Math.ceil((until - performance.now()) / 1000);
      button.disabled = left > 0;
      button.lastChild.textContent = left > 0 ? `${label} in ${left} s` : label;
      if (left <= 0) {
        clearInterval(this.#countdown);
      }
    };
    this.#countdown = setInterval(show, TICK_MILLIS);
    show();
  }
}

function question({ text, pictures }) {
  const shown = element("article", { class: "question" }, element("h2", { class: "sr" }, "You"));
  if (pictures.length > 0) {
    const images = pictures.map(({ name, uri }) => element("img", { src: uri, alt: name }));
    shown.append(element("div", { class: "shown-pictures" }, ...images));
  }
  if (text) {
    shown.append(element("p", {}, text));
  }
  return shown;
}

function action(name, label, attributes, clicked) {
  const button = element(
    "button",
    { type: "button", class: "quiet small", ...attributes },
    icon(name),
    element("span", {}, label),
  );
  button.addEventListener("click", clicked);
  return button;
}

async function copy(button, text) {
  await navigator.clipboard.writeText(text);
  button.lastChild.textContent = "Copied";
}
