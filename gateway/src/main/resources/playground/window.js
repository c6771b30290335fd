import { byId } from "./dom.js";
import { Stored } from "./storage.js";

/** Below this there is room for the conversation or the settings, not for both; the style sheets know it too. */
const NARROW = window.matchMedia("(max-width: 56rem)");
const SYSTEM_DARK = window.matchMedia("(prefers-color-scheme: dark)");

/** The button between light and dark; until it is used, the system decides. */
export function arrangeTheme() {
  const stored = new Stored(() => localStorage, "tandem.theme");
  const root = document.documentElement;
  const button = byId("theme-toggle");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : SYSTEM_DARK.matches);
  const show = () => button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    stored.write(root.dataset.theme);
    show();
  });
  SYSTEM_DARK.addEventListener("change", show);
  show();
}

/** The settings: beside the conversation where there is room, in its place where there is not. */
export function arrangePanel() {
  const stored = new Stored(() => localStorage, "tandem.panel");
  const toggle = byId("panel-toggle");
  let open = false;
  const show = (now) => {
    open = now;
    byId("panel").hidden = !open;
    byId("chat").hidden = open && NARROW.matches;
    byId("workspace").classList.toggle("with-panel", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  const close = () => {
    show(false);
    toggle.focus();
  };
  const fit = () => show(!NARROW.matches && stored.read() !== "closed");
  toggle.addEventListener("click", () => {
    show(!open);
    if (!NARROW.matches) {
      stored.write(open ? "open" : "closed");
    }
  });
  byId("panel-close").addEventListener("click", close);
  byId("panel").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && NARROW.matches) {
      close();
    }
  });
  NARROW.addEventListener("change", fit);
  fit();
}
