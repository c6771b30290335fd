import { Announcer } from "./announcer.js";
import { write } from "./answering.js";
import { Api, ApiError } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { byId, element } from "./dom.js";
import { Key } from "./key.js";
import { followScrolling } from "./scrolling.js";
import { Settings } from "./settings.js";
import { TurnView } from "./turn.js";
import { arrangePanel, arrangeTheme } from "./window.js";

const STARTING_RETRY_SECONDS = 1;
const OUTCOMES = {
  done: "",
  stopped: "Stopped.",
  cut: "The connection broke before the answer was complete.",
  failed: "",
};

const key = new Key();
const api = new Api(key);
const settings = new Settings();
const announcer = new Announcer();
const conversation = new Conversation();
const scrolling = followScrolling(byId("scroll"));
const composer = new Composer(conversation, api, { send, stop });

let model = null;
let running = null;
let lastView = null;

arrangeTheme();
arrangePanel();
byId("new-conversation").addEventListener("click", startOver);
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running && !byId("key-dialog").open) {
    stop();
  }
});
composer.focus();
connect();

/** Finds out what is served; a server that is starting is asked again, one that wants a key gets one. */
async function connect() {
  try {
    model = await api.model();
  } catch (failure) {
    if (!(failure instanceof ApiError)) {
      throw failure;
    }
    showState("waiting", failure.status === 401 ? "an API key is needed" : failure.message);
    if (failure.status === 401) {
      if (await key.ask(key.current ? failure.message : "")) {
        await connect();
      }
    } else {
      setTimeout(connect, 1000 * (failure.retryAfter ?? STARTING_RETRY_SECONDS));
    }
    return;
  }
  showModel();
  await lookForSystemPrompt();
}

function showState(state, text) {
  byId("dot").className = `dot ${state}`;
  byId("model-name").textContent = text;
}

function showModel() {
  showState("ready", model.id);
  settings.limit(model);
  composer.images = model.images;
  byId("picture-example").parentElement.hidden = !model.images;
  const facts = [
    ["Reads at most", `${model.max_encoder_tokens.toLocaleString("en")} tokens`],
    ["Writes at most", `${model.max_decoder_tokens.toLocaleString("en")} tokens`],
    ["Pictures", model.images ? `${model.tokens_per_image} tokens each` : "none"],
    ["Fingerprint", model.fingerprint],
  ];
  byId("model-facts").replaceChildren(
    ...facts.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", { title: value }, value)),
    ),
  );
  byId("facts").hidden = false;
}

/** A template that refuses or drops the system prompt should not be offered one. */
async function lookForSystemPrompt() {
  const user = { role: "user", content: "x" };
  try {
    const without = await api.count(model.id, [user]);
    const withSystem = await api.count(model.id, [{ role: "system", content: "x y z" }, user]);
    settings.allowSystem(withSystem > without);
  } catch (failure) {
    // What is no refusal says nothing of the template; should it refuse one later, that is shown with the answer.
    settings.allowSystem(failure.status !== 400);
  }
}

function send(text, pictures) {
  byId("welcome").hidden = true;
  lastView?.settle();
  const turn = conversation.ask(text, pictures);
  const view = new TurnView(turn, () => regenerate(turn, view));
  lastView = view;
  byId("turns").append(view.root);
  scrolling.toEnd();
  answer(turn, view);
}

function regenerate(turn, view) {
  conversation.renew(turn);
  view.restart();
  answer(turn, view);
}

async function answer(turn, view) {
  const abort = new AbortController();
  running = abort;
  composer.busy = true;
  announcer.begin();
  const body = conversation.request(turn, model?.id ?? "", settings.values());
  await write(api, turn.answer, body, abort.signal, (delta) => {
    if (delta && running === abort) {
      view.append(delta);
      announcer.add(delta);
      scrolling.follow();
    }
  });
  // Another conversation may have begun meanwhile.
  if (running !== abort) {
    return;
  }
  running = null;
  view.finish();
  composer.busy = false;
  announcer.note(OUTCOMES[turn.answer.state]);
  settings.mark(turn.answer.error?.param);
  scrolling.follow();
  if (turn.answer.error?.status === 401 && (await key.ask(turn.answer.error.message))) {
    await connect();
    regenerate(turn, view);
  }
}

function stop() {
  running?.abort();
}

function startOver() {
  stop();
  running = null;
  lastView = null;
  conversation.clear();
  composer.clear();
  composer.busy = false;
  byId("turns").replaceChildren();
  byId("welcome").hidden = false;
  announcer.begin();
  composer.focus();
}
