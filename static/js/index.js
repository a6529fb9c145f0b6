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

  const actionFor = (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") return event.shiftKey ? "redo" : "undo";
    return event.key === "Delete" && !command ? "clear" : undefined;
  };

  // aria-disabled instead of disabled: a disabled button would lose the focus.
  const setEnabled = (button, enabled) => button.setAttribute("aria-disabled", String(!enabled));

  const refresh = () => {
    setEnabled(buttons.undo, picture.isThere || board.history.canUndo());
    setEnabled(buttons.redo, !picture.isThere && board.history.canRedo());
    setEnabled(buttons.clear, picture.isThere || !board.isBlank);
    find("hint").hidden = picture.isThere || !board.isBlank;
    if (picture.isThere || board.isBlank) guess.reset();
    else guess.schedule();
  };

  const drawing = () => (board.isBlank ? "" : board.picture);

  const setPen = () => {
    board.opts.size = find("pen").valueAsNumber;
    find("pen-preview").setAttribute("r", board.opts.size / 2);
  };

  for (const [name, button] of Object.entries(buttons))
    button.addEventListener("click", () => actions[name]());

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=range], [type=file]), select, textarea")) return;
    const name = actionFor(event);
    if (!name) return;
    event.preventDefault();
    actions[name]();
  });

  // The browser and fetch() both take the current drawing from here.
  form.addEventListener("formdata", ({ formData }) => formData.set("image", drawing()));

  find("pen").addEventListener("input", setPen);
  board.onChange(refresh);
  form.elements.file.addEventListener("change", refresh);
  form.addEventListener("submit", () => guess.cancel());
  const sending = new Sending(form, find("send"), find("message"));
  const saved = new SavedDrawing();
  window.addEventListener("pagehide", () => saved.save(sending.done ? "" : drawing()));
  const earlier = form.elements.image.value || saved.load();
  if (earlier) board.restore(earlier);
  refresh();
}
