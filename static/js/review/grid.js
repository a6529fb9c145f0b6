"use strict";

const PAGES_KEPT = 10; // confirmed pages that can be undone

/** Many drawings at a glance: the wrong ones are marked, and Enter confirms the others as they were read. */
// biome-ignore lint/correctness/noUnusedVariables: used in page.js
class Grid {
  constructor(desk, outbox) {
    this.desk = desk;
    this.outbox = outbox;
    this.drawings = [];
    this.marks = new Map(); // drawing -> label, in the order of marking
    this.done = [];
    this.current = 0;
  }

  start() {
    this.desk.stage.replaceChildren(loading(this.desk));
    this.outbox.push({ more: true, kind: "page" });
  }

  get unsaved() {
    return this.marks.size;
  }

  // What keys and buttons do

  label(label) {
    const drawing = this.drawings[this.current];
    if (!drawing || this.isWaiting) return;
    this.marks.delete(drawing);
    if (label !== drawing.reading) this.marks.set(drawing, label);
    this.redraw(drawing);
    this.desk.say("markSet", { number: this.current + 1, label: this.desk.name(label) });
  }

  confirm() {
    if (!this.drawings.length || this.isWaiting) return;
    const labels = this.drawings.map((drawing) => {
      drawing.label = this.marks.get(drawing) ?? drawing.reading;
      return { id: drawing.id, shown: null, label: drawing.label };
    });
    this.wait(true);
    this.outbox.push({ labels, more: true, kind: "page" });
  }

  undo() {
    if (this.isWaiting) return;
    const last = [...this.marks.keys()].pop();
    if (last) return this.takeMark(last);
    const page = this.done.at(-1);
    if (!page?.drawings.length) return this.desk.say("nothingToUndo");
    const labels = page.drawings.map(({ id, label }) => ({ id, shown: label, label: null }));
    this.wait(true);
    return this.outbox.push({ labels, kind: "undo" });
  }

  takeMark(drawing) {
    this.marks.delete(drawing);
    this.redraw(drawing);
    this.choose(this.drawings.indexOf(drawing));
    this.desk.say("markTaken", { number: this.current + 1 });
  }

  move(key) {
    if (!this.drawings.length) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1 };
    const target = key in steps ? this.current + steps[key] : this.nextRow(key === "ArrowDown");
    this.choose(Math.max(0, Math.min(target, this.drawings.length - 1)));
  }

  /** The drawing below or above, by place: groups of different readings have rows of their own. */
  nextRow(isDown) {
    const places = this.tiles.map((tile) => tile.getBoundingClientRect());
    const here = places[this.current];
    const distance = (place) => (isDown ? place.top - here.top : here.top - place.top);
    const rows = places.map(distance).filter((far) => far > here.height / 2);
    const nearest = Math.min(...rows);
    let best = this.current;
    let offset = Infinity;
    places.forEach((place, index) => {
      const aside = Math.abs(place.left - here.left);
      if (Math.abs(distance(place) - nearest) < here.height / 2 && aside < offset) {
        [best, offset] = [index, aside];
      }
    });
    return best;
  }

  choose(index) {
    this.tiles[this.current]?.setAttribute("aria-selected", "false");
    if (this.tiles[this.current]) this.tiles[this.current].tabIndex = -1;
    this.current = index;
    this.tiles[index].tabIndex = 0;
    this.tiles[index].setAttribute("aria-selected", "true");
    this.focus();
  }

  focus() {
    const tile = this.tiles?.[this.current];
    tile?.focus({ preventScroll: true });
    tile?.scrollIntoView({ block: "nearest" });
    if (!tile) this.desk.section.focus({ preventScroll: true });
  }

  // What the site answers

  take(answer, request) {
    this.wait(false);
    const lost = new Set([...answer.missing, ...answer.conflicts.map(({ id }) => id)]);
    const isKept = (drawing) => !lost.has(drawing.id);
    if (request.kind === "undo") return this.showAgain(this.done.pop(), isKept, answer);
    this.desk.report(answer, (id) => this.drawings.find((drawing) => drawing.id === id));
    if (request.labels.length) this.keep(isKept);
    this.desk.labelled += answer.saved.length;
    return this.show(answer.drawings, new Map(), answer);
  }

  keep(isKept) {
    this.done.push({ drawings: this.drawings.filter(isKept), marks: this.marks });
    this.done = this.done.slice(-PAGES_KEPT);
  }

  showAgain(page, isKept, answer) {
    this.desk.report(answer, (id) => page.drawings.find((drawing) => drawing.id === id));
    this.desk.labelled -= answer.saved.length;
    this.show(page.drawings.filter(isKept), page.marks, answer);
    this.desk.say("undone");
  }

  show(drawings, marks, answer) {
    this.drawings = [...drawings].sort((one, other) => one.reading - other.reading);
    this.marks = new Map([...marks].filter(([drawing]) => drawings.includes(drawing)));
    this.tiles = this.drawings.map((drawing, index) => this.tile(drawing, index));
    if (!drawings.length) this.desk.empty(answer.left[this.desk.config.queue]);
    else this.desk.stage.replaceChildren(this.list());
    this.current = 0;
    this.showConfirm();
    window.scrollTo(0, 0);
    if (drawings.length) this.choose(0);
    if (drawings.length) this.desk.say("shown", { count: drawings.length });
  }

  wait(isWaiting) {
    this.isWaiting = isWaiting;
    this.desk.stage.setAttribute("aria-busy", String(isWaiting));
    this.showConfirm();
  }

  /** Mark what could not be saved yet. */
  showState(outbox) {
    this.desk.stage.classList.toggle("not-saved", Boolean(outbox.problem && outbox.unsaved));
  }

  // How it looks

  list() {
    const groups = new Map();
    this.drawings.forEach((drawing, index) => {
      if (!groups.has(drawing.reading)) groups.set(drawing.reading, []);
      groups.get(drawing.reading).push(this.tiles[index]);
    });
    const parts = [...groups].map(([reading, tiles]) =>
      this.group(reading, tiles, groups.size > 1),
    );
    const list = make("div", { className: "grid" }, ...parts);
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-labelledby", "review-title");
    return list;
  }

  group(reading, tiles, isNamed) {
    const name = this.desk.text("readAs", { label: this.desk.name(reading) });
    const heading = isNamed ? make("p", { textContent: name, aria: { hidden: "true" } }) : null;
    const group = make("div", { className: "group", aria: { label: name } }, heading, ...tiles);
    group.setAttribute("role", "group");
    return group;
  }

  tile(drawing, index) {
    const image = make("img", { src: drawing.thumbnail, alt: "" });
    const tile = make("div", { className: "tile", tabIndex: -1, id: `drawing-${index}` }, image);
    tile.append(make("span", { className: "mark" }));
    tile.setAttribute("role", "option");
    tile.setAttribute("aria-selected", "false");
    tile.addEventListener("click", () => this.choose(index));
    this.describe(tile, drawing, index);
    return tile;
  }

  redraw(drawing) {
    const index = this.drawings.indexOf(drawing);
    this.describe(this.tiles[index], drawing, index);
    this.showConfirm();
  }

  describe(tile, drawing, index) {
    const mark = this.marks.get(drawing);
    const isMarked = mark !== undefined;
    const number = index + 1;
    const reading = this.desk.name(drawing.reading);
    const label = this.desk.name(mark);
    const name = isMarked ? "marked" : "drawing";
    tile.setAttribute("aria-label", this.desk.text(name, { number, reading, label }));
    tile.classList.toggle("marked", isMarked);
    tile.lastChild.textContent = isMarked ? label : "";
    tile.lastChild.classList.toggle("in-words", isMarked && isInWords(label));
  }

  showConfirm() {
    const button = document.getElementById("confirm");
    const count = this.drawings.length;
    const marked = this.marks.size;
    const name = marked ? "confirmRest" : "confirm";
    const words = this.desk.text(name, { count: count - marked, marked });
    button.querySelector(".words").textContent = this.isWaiting ? this.desk.words.saving : words;
    button.setAttribute("aria-disabled", String(!count || Boolean(this.isWaiting)));
  }
}

function loading(desk) {
  return make("p", { className: "empty", textContent: desk.words.loading });
}
