import { byId } from "./dom.js";
import { Stored } from "./storage.js";

/** The API key: asked for when the server wants one, kept in this tab only. */
export class Key {
  #stored = new Stored(() => sessionStorage, "tandem.key");
  #dialog = byId("key-dialog");
  #answered = null;
  current = this.#stored.read() ?? "";

  constructor() {
    byId("key-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#set(byId("key").value.trim());
      this.#close(true);
    });
    byId("key-cancel").addEventListener("click", () => this.#close(false));
    this.#dialog.addEventListener("cancel", () => this.#close(false));
    byId("forget-key").addEventListener("click", () => {
      this.#set("");
      location.reload();
    });
    this.#set(this.current);
  }

  /**
   * Asks for a key.
   *
   * @param {string} problem what the server said of the last one; empty when there was none
   * @returns {Promise<boolean>} whether there is one now
   */
  ask(problem) {
    const shown = byId("key-problem");
    shown.textContent = problem;
    shown.hidden = problem === "";
    byId("key").value = "";
    if (!this.#dialog.open) {
      this.#dialog.showModal();
    }
    byId("key").focus();
    return new Promise((resolve) => {
      this.#answered = resolve;
    });
  }

  #set(value) {
    this.current = value;
    this.#stored.write(value || null);
    byId("forget-key").hidden = value === "";
  }

  #close(given) {
    if (this.#dialog.open) {
      this.#dialog.close();
    }
    this.#answered?.(given);
    this.#answered = null;
  }
}
