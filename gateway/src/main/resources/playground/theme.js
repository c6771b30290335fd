// Runs before the first paint, which a module would miss: a chosen theme must not flash in after the system's.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("tandem.theme");
  } catch {
    // Storage is blocked: the system's theme it is.
  }
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
})();
