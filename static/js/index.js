"use strict";

{
  const find = (id) => document.getElementById(id);
  const form = find("draw");
  const board = new Board("board", find("pen").valueAsNumber);
  const picture = new Picture(form.elements.file, find("preview"), find("unreadable"));
  const guess = new Guess(form, find("guess"), find("bars").children);
  const buttons = { undo: find("undo"), redo: find("redo"), clear: find("clear") };

  const actions = {
    undo: () => (picture.isThere ? picture.remove() : board.undo()),
    redo: () => board.redo(),
    clear: () => (picture.isThere ? picture.remove() : board.clear()),
  };

  const keys = (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") return event.shiftKey ? "redo" : "undo";
    return event.key === "Delete" && !command ? "clear" : undefined;
  };

  // aria-disabled instead of disabled: a disabled button would lose the focus.
  const allow = (button, possible) => button.setAttribute("aria-disabled", String(!possible));

  const refresh = () => {
    allow(buttons.undo, picture.isThere || board.history.canUndo());
    allow(buttons.redo, !picture.isThere && board.history.canRedo());
    allow(buttons.clear, picture.isThere || !board.isBlank);
    find("hint").hidden = picture.isThere || !board.isBlank;
    if (picture.isThere || board.isBlank) guess.quiet();
    else guess.later();
  };

  const setPen = () => {
    board.opts.size = find("pen").valueAsNumber;
    find("nib").setAttribute("r", board.opts.size / 2);
  };

  for (const [name, button] of Object.entries(buttons))
    button.addEventListener("click", () => actions[name]());

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=range], [type=file]), select, textarea")) return;
    const name = keys(event);
    if (!name) return;
    event.preventDefault();
    actions[name]();
  });

  // The browser and fetch() both take the current drawing from here.
  form.addEventListener("formdata", ({ formData }) =>
    formData.set("image", board.isBlank ? "" : board.picture),
  );

  find("pen").addEventListener("input", setPen);
  board.onChange(refresh);
  form.elements.file.addEventListener("change", refresh);
  form.addEventListener("submit", () => guess.forget());
  const sending = new Sending(form, find("send"), find("message"));
  const keepsake = new Keepsake("drawing");
  window.addEventListener("pagehide", () =>
    keepsake.put(sending.done || board.isBlank ? "" : board.picture),
  );
  const drawn = form.elements.image.value || keepsake.take();
  if (drawn) board.restore(drawn);
  refresh();
}
