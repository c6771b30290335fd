/**
 * What was said, and what goes to the server with the next question.
 *
 * An answer's state is "waiting", "writing", "done", "stopped", "cut" or "failed".
 */
export class Conversation {
  /** Read with every question: {title, id, bytes}. */
  documents = [];
  turns = [];

  /** Adds a question, still without its answer. */
  ask(text, pictures) {
    const turn = { question: { text, pictures }, answer: freshAnswer() };
    this.turns.push(turn);
    return turn;
  }

  /** Throws the last answer away, so that it can be written again. */
  renew(turn) {
    turn.answer = freshAnswer();
  }

  /**
   * The request for a turn's answer. Earlier turns without an answer stay out: chat templates want question and
   * answer by turns.
   *
   * @param {object} settings fields of the request as the user has set them; system is the system prompt
   */
  request(turn, model, { system, ...settings }) {
    const messages = [];
    if (system) {
      messages.push({ role: "system", content: system });
    }
    for (const earlier of this.turns.slice(0, this.turns.indexOf(turn))) {
      if (earlier.answer.text) {
        messages.push({ role: "user", content: content(earlier.question) });
        messages.push({ role: "assistant", content: earlier.answer.text });
      }
    }
    messages.push({ role: "user", content: content(turn.question) });
    const body = { model, messages, ...settings };
    if (this.documents.length > 0) {
      body.documents = this.documents.map(({ id }) => ({ file_id: id }));
    }
    if (body.stream) {
      body.stream_options = { include_usage: true };
    }
    return body;
  }

  clear() {
    this.documents = [];
    this.turns = [];
  }
}

function freshAnswer() {
  return { text: "", state: "waiting", finish: null, error: null, head: null, usage: null, clock: {} };
}

function content({ text, pictures }) {
  if (pictures.length === 0) {
    return text;
  }
  const parts = pictures.map((picture) => ({ type: "image_url", image_url: { url: picture.uri } }));
  return text ? [...parts, { type: "text", text }] : parts;
}
