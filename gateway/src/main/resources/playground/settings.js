import { byId } from "./dom.js";
import { Stored } from "./storage.js";

const NUMBERS = ["temperature", "top_p", "min_p", "top_k", "seed", "max_completion_tokens"];
/** The user's words are not kept, only how answers are to be made. */
const KEPT = [...NUMBERS, "stop", "stream"];

/** The form beside the conversation: its fields have the names of the request's. */
export class Settings {
  #form = byId("settings");
  #stored = new Stored(() => localStorage, "tandem.settings");

  constructor() {
    this.#restore();
    this.#showSliders();
    this.#form.addEventListener("input", (event) => {
      event.target.removeAttribute("aria-invalid");
      this.#showSliders();
      this.#keep();
    });
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    byId("defaults").addEventListener("click", () => {
      this.#form.reset();
      this.#showSliders();
      this.#keep();
    });
  }

  /** What the user has set, as fields of a request; fields left empty are left to the server. */
  values() {
    const fields = this.#form.elements;
    const values = { stream: fields.stream.checked };
    for (const name of NUMBERS) {
      if (fields[name].value !== "") {
        values[name] = Number(fields[name].value);
      }
    }
    const stop = fields.stop.value.split("\n").filter(Boolean);
    if (stop.length > 0) {
      values.stop = stop.map((text) => text.replaceAll("\\n", "\n"));
    }
    if (fields.system.value && !fields.system.disabled) {
      values.system = fields.system.value;
    }
    return values;
  }

  /** Learns the model's limits. */
  limit(model) {
    const most = model.max_decoder_tokens;
    if (most) {
      const hint = byId("max-hint");
      this.#form.elements.max_completion_tokens.max = most;
      hint.textContent = `This model writes at most ${most.toLocaleString("en")}.`;
      hint.hidden = false;
    }
  }

  /** Learns whether the model's chat template has a place for a system prompt. */
  allowSystem(allowed) {
    this.#form.elements.system.disabled = !allowed;
    byId("system-hint").textContent = allowed
      ? "Goes before the first message."
      : "The chat template of this model takes none.";
  }

  /** Marks the field that the server has refused, when it is one of these. */
  mark(param) {
    const field = this.#form.elements[param?.split(/[.[]/)[0]];
    field?.setAttribute("aria-invalid", "true");
  }

  #showSliders() {
    for (const output of this.#form.querySelectorAll("output")) {
      output.value = byId(output.htmlFor.value).value;
    }
  }

  #keep() {
    const kept = {};
    for (const name of KEPT) {
      const field = this.#form.elements[name];
      kept[name] = field.type === "checkbox" ? field.checked : field.value;
    }
    this.#stored.write(JSON.stringify(kept));
  }

  #restore() {
    let kept;
    try {
      kept = JSON.parse(this.#stored.read() ?? "{}");
    } catch {
      return;
    }
    for (const name of KEPT) {
      const field = this.#form.elements[name];
      if (field.type === "checkbox" && typeof kept[name] === "boolean") {
        field.checked = kept[name];
      } else if (typeof kept[name] === "string") {
        field.value = kept[name];
      }
    }
  }
}
