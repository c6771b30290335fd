import { byId, element } from "./dom.js";

const PAUSE_MILLIS = 1500;

/** Tells screen readers what is being written, in sentences: one token at a time nobody could follow. */
export class Announcer {
  #region = byId("announcer");
  #waiting = "";
  #timer = null;

  /** Forgets the last answer. */
  begin() {
    this.#region.replaceChildren();
    this.#waiting = "";
  }

  /** Takes a piece of an answer. */
  add(text) {
    this.#waiting += text;
    const end = this.#waiting.search(/[.!?:\n]\s[^.!?\n]*$/);
    if (end >= 0) {
      this.#say(this.#waiting.slice(0, end + 1));
      this.#waiting = this.#waiting.slice(end + 1);
    }
    this.#timer ??= setTimeout(() => this.flush(), PAUSE_MILLIS);
  }

  /** Says the rest. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#say(this.#waiting);
    this.#waiting = "";
  }

  /** Says something about an answer: how it ended, or what went wrong. */
  note(text) {
    this.flush();
    this.#say(text);
  }

  #say(text) {
    if (text.trim()) {
      this.#region.append(element("p", {}, text.trim()));
    }
  }
}
