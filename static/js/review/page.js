"use strict";

/** Connects keys and buttons with the mode that the page is in. */
function startReview() {
  const config = JSON.parse(document.getElementById("config").textContent);
  const desk = new Desk(config);
  const help = document.getElementById("keys");
  const outbox = new Outbox(config, take, showState);
  const mode = new { grid: Grid, single: Single }[config.mode](desk, outbox);

  function take(answer, request) {
    desk.showLeft(answer.left);
    mode.take(answer, request);
  }

  function showState() {
    desk.showProblem(outbox);
    desk.showSaving(outbox);
    mode.showState(outbox);
  }

  const keys = {
    Enter: () => mode.confirm(),
    Z: () => mode.undo(),
    "?": () => help.showModal(),
  };
  for (const [key, label] of Object.entries(config.keys)) keys[key] = () => mode.label(label);
  for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"])
    keys[key] = () => mode.move(key);

  document.addEventListener("keydown", (event) => {
    const act = keys[event.key.length === 1 ? event.key.toUpperCase() : event.key];
    if (!act || help.open || isForSomethingElse(event)) return;
    event.preventDefault();
    act();
  });

  const buttons = {
    undo: keys.Z,
    confirm: keys.Enter,
    help: keys["?"],
    back: keys.ArrowLeft,
    skip: keys.ArrowRight,
  };
  for (const [id, act] of Object.entries(buttons)) onPress(document.getElementById(id), act);
  for (const button of document.querySelectorAll("[data-label]")) {
    onPress(button, () => mode.label(Number(button.dataset.label)));
  }

  /** After a click the keys go on where they were; a button reached by keyboard keeps the focus. */
  function onPress(button, act) {
    button?.addEventListener("click", (event) => {
      act();
      if (event.detail && !help.open) mode.focus();
    });
  }

  window.addEventListener("beforeunload", (event) => {
    if (outbox.unsaved || mode.unsaved) event.preventDefault();
  });

  document.getElementById("no-script").hidden = true; // for browsers that do not know the query
  desk.section.hidden = false;
  mode.start();
  mode.focus();
}

function isForSomethingElse(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return true;
  if (target.closest("input, select, textarea")) return true;
  if (key === "Enter" && target.closest("a, button, summary")) return true;
  return event.repeat && !key.startsWith("Arrow"); // a key held down is no wish for more
}

startReview();
