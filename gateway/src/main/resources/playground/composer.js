import { AttachmentError, size, take } from "./attachments.js";
import { byId, element, icon } from "./dom.js";
import { SAMPLES } from "./samples.js";

/** The message that is being written, with what is attached to it and to the conversation. */
export class Composer {
  #message = byId("message");
  #conversation;
  #api;
  #send;
  #pictures = [];
  #busy = false;
  /** Whether the model reads pictures; known a moment after the start. */
  images = true;

  /**
   * @param {import("./conversation.js").Conversation} conversation whose documents are shown and changed here
   * @param {import("./api.js").Api} api takes documents
   * @param {{send: (text: string, pictures: object[]) => void, stop: () => void}} actions of the page
   */
  constructor(conversation, api, { send, stop }) {
    this.#api = api;
    this.#conversation = conversation;
    this.#send = send;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("stop").addEventListener("click", stop);
    this.#message.addEventListener("input", () => this.#grow());
    this.#message.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      }
    });
    this.#takeFiles();
    document
      .querySelectorAll("[data-example]")
      .forEach((button) => button.addEventListener("click", () => this.#fill(SAMPLES[button.dataset.example])));
  }

  /** Shows whether an answer is being written, which can be stopped; meanwhile nothing is sent. */
  set busy(busy) {
    const focus = document.activeElement;
    this.#busy = busy;
    byId("send").hidden = busy;
    byId("stop").hidden = !busy;
    if (focus === byId("send") || focus === byId("stop") || focus === document.body || !focus.isConnected) {
      this.focus();
    }
  }

  focus() {
    this.#message.focus();
  }

  /** Takes everything off. */
  clear() {
    this.#pictures = [];
    this.#message.value = "";
    this.#grow();
    this.#showAttached();
    this.#complain([]);
  }

  #submit() {
    const text = this.#message.value.trim();
    if (this.#busy || (text === "" && this.#pictures.length === 0)) {
      return;
    }
    const pictures = this.#pictures;
    this.clear();
    this.#send(text, pictures);
  }

  async #fill(sample) {
    const { question, files } = await sample();
    this.#message.value = question;
    this.#grow();
    await this.#attach(files);
    this.focus();
  }

  #takeFiles() {
    const chooser = byId("files");
    byId("attach").addEventListener("click", () => chooser.click());
    chooser.addEventListener("change", async () => {
      const files = [...chooser.files];
      // The same file may be chosen again.
      chooser.value = "";
      await this.#attach(files);
    });
    this.#message.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length > 0) {
        event.preventDefault();
        this.#attach([...event.clipboardData.files]);
      }
    });
    const veil = byId("drop");
    window.addEventListener("dragover", (event) => {
      if (event.dataTransfer.types.includes("Files")) {
        event.preventDefault();
        veil.hidden = false;
      }
    });
    window.addEventListener("dragleave", (event) => {
      // Null when the pointer has left the window, not only an element.
      if (event.relatedTarget === null) {
        veil.hidden = true;
      }
    });
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      veil.hidden = true;
      this.#attach([...event.dataTransfer.files]);
    });
  }

  async #attach(files) {
    const problems = [];
    for (const file of files) {
      try {
        const { picture, document: uploaded } = await take(file, this.images, this.#api);
        if (picture) {
          this.#pictures.push(picture);
        } else {
          this.#conversation.documents.push(uploaded);
        }
      } catch (failure) {
        if (!(failure instanceof AttachmentError)) {
          throw failure;
        }
        problems.push(failure.message);
      }
    }
    this.#complain(problems);
    this.#showAttached();
  }

  #complain(problems) {
    byId("attach-problem").textContent = problems.join(" ");
    byId("attach-problem").hidden = problems.length === 0;
  }

  #showAttached() {
    const { documents } = this.#conversation;
    fillShelf(
      "document",
      documents,
      ({ title, bytes }) => [icon("page"), named(title), element("small", {}, size(bytes))],
      ({ id }) => {
        this.#api.remove(id);
        this.#showAttached();
      },
    );
    fillShelf(
      "picture",
      this.#pictures,
      ({ name, uri }) => [element("img", { src: uri, alt: "" }), named(name)],
      () => this.#showAttached(),
    );
  }

  #grow() {
    this.#message.style.height = "auto";
    this.#message.style.height = `${this.#message.scrollHeight}px`;
  }
}

function named(name) {
  return element("span", { class: "name" }, name);
}

/** Shows a list of attachments, each with a button that takes it off. */
function fillShelf(kind, items, inside, changed) {
  byId(`${kind}-shelf`).hidden = items.length === 0;
  byId(`${kind}s`).replaceChildren(
    ...items.map((item) => {
      const name = item.title ?? item.name;
      const remove = element(
        "button",
        { type: "button", class: "quiet icon small", "aria-label": `Remove ${name}` },
        icon("close"),
      );
      remove.addEventListener("click", () => {
        items.splice(items.indexOf(item), 1);
        changed(item);
        byId("message").focus();
      });
      return element("li", { class: "chip" }, ...inside(item), remove);
    }),
  );
}
