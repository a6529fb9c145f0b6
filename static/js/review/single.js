"use strict";

const ASK_FOR_MORE_AT = 10; // drawings left to look at
const TRAIL_LENGTH = 12;
const LOADED_AHEAD = 3;

/** One drawing at a time. The next one comes at once; labels are sent meanwhile. */
// biome-ignore lint/correctness/noUnusedVariables: used in page.js
class Single {
  constructor(desk, outbox) {
    this.desk = desk;
    this.outbox = outbox;
    this.drawings = [];
    this.position = 0;
    this.steps = []; // what can be undone
    this.unsaved = 0; // every label is in the outbox
    this.isBlind = desk.config.blind;
  }

  start() {
    this.askForMore();
    this.show();
  }

  get drawing() {
    return this.drawings[this.position];
  }

  // What keys and buttons do

  confirm() {
    if (this.isBlind) return this.desk.say("nothingToAgree");
    return this.drawing && this.label(this.drawing.reading);
  }

  label(label) {
    const drawing = this.drawing;
    if (!drawing || drawing.state === "missing") return;
    this.steps.push({ drawing, old: drawing.label });
    this.send(drawing, label);
    this.position = this.nextUnlabelled();
    this.askForMore();
    this.show();
    this.announce(this.desk.text("labelled", { label: this.desk.name(label) }));
  }

  undo() {
    const step = this.steps.pop();
    if (!step) return this.desk.say("nothingToUndo");
    this.send(step.drawing, step.old);
    this.position = this.drawings.indexOf(step.drawing);
    this.show();
    return this.announce(this.desk.text("undone"));
  }

  move(key) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
    const target = this.position + step;
    if (!step || target < 0 || target > this.drawings.length) return;
    this.position = target;
    this.askForMore();
    this.show();
    this.announce("");
  }

  focus() {
    this.desk.section.focus({ preventScroll: true });
  }

  // To and from the site

  send(drawing, label) {
    const labels = [{ id: drawing.id, shown: drawing.label, label }];
    drawing.label = label;
    drawing.state = "waiting";
    this.count();
    this.outbox.push({ labels });
  }

  askForMore() {
    const left = this.drawings.length - this.position;
    if (this.isAsking || this.isExhausted || left > ASK_FOR_MORE_AT) return;
    this.isAsking = true;
    this.outbox.push({ more: true, skip: () => this.idsToSkip() });
  }

  /** What is here already, apart from what the site knows to be labelled. */
  idsToSkip() {
    return this.drawings
      .filter(({ state }) => state !== "saved" && state !== "missing")
      .map(({ id }) => id);
  }

  take(answer, request) {
    this.desk.report(answer, (id) => this.find(id));
    for (const id of answer.saved) this.settle(id, "saved");
    for (const id of answer.missing) this.settle(id, "missing");
    for (const { id, label } of answer.conflicts) {
      this.settle(id, "conflict");
      if (this.find(id)) this.find(id).label = label;
    }
    this.count();
    this.left = answer.left;
    if (request.more) this.takeMore(answer.drawings);
    else if (this.drawing) this.showTrail();
    else this.show();
  }

  takeMore(drawings) {
    const isEnd = !this.drawing;
    const fresh = drawings.filter(({ id }) => !this.find(id));
    for (const drawing of fresh) this.drawings.push({ ...drawing, label: null, state: "" });
    this.isAsking = false;
    this.isExhausted = !fresh.length;
    if (isEnd) this.show();
    if (isEnd) this.announce("");
  }

  /** Labels of the reviewer, without those that were not saved. */
  count() {
    const isOwn = ({ label, state }) => label !== null && ["waiting", "saved"].includes(state);
    this.desk.labelled = this.drawings.filter(isOwn).length;
  }

  find(id) {
    return this.drawings.find((drawing) => drawing.id === id);
  }

  settle(id, state) {
    const drawing = this.find(id);
    if (!drawing) return;
    drawing.state = state;
    if (state !== "saved") this.steps = this.steps.filter((step) => step.drawing !== drawing);
  }

  nextUnlabelled() {
    const isNext = ({ label }, index) => index > this.position && label === null;
    const index = this.drawings.findIndex(isNext);
    return index < 0 ? this.drawings.length : index;
  }

  // How it looks

  show() {
    const drawing = this.drawing;
    if (drawing)
      this.desk.stage.replaceChildren(this.picture(drawing), this.facts(drawing), this.trail());
    else this.showEnd();
    this.showConfirm();
    for (const next of this.drawings.slice(this.position + 1, this.position + 1 + LOADED_AHEAD)) {
      new Image().src = next.picture;
    }
  }

  showEnd() {
    if (!this.isExhausted || this.outbox.unsaved)
      return this.desk.stage.replaceChildren(loading(this.desk), this.trail());
    const skipped = this.drawings.filter(
      ({ label, state }) => label === null && state !== "missing",
    ).length;
    if (!skipped) this.desk.empty(this.left[this.desk.config.queue]);
    else {
      const words = this.desk.text("skipped", { count: skipped });
      const again = make("a", { href: location.href, textContent: this.desk.words.showAgain });
      this.desk.stage.replaceChildren(make("p", { className: "empty" }, words, " ", again));
    }
    return this.desk.stage.append(this.trail());
  }

  picture(drawing) {
    const image = make("img", { src: drawing.picture, alt: this.desk.words.picture });
    return make("div", { className: "picture" }, image);
  }

  facts(drawing) {
    const lines = this.isBlind ? [] : this.reading(drawing);
    if (drawing.label !== null) {
      const words = this.desk.text("yourLabel", { label: this.desk.name(drawing.label) });
      lines.push(make("p", { className: "own", textContent: words }));
    }
    const image = make("img", { src: drawing.glyph, alt: this.desk.words.glyph });
    const caption = make("figcaption", {
      textContent: this.desk.words.glyph,
      aria: { hidden: "true" },
    });
    const glyph = make("figure", {}, image, caption);
    return make("div", { className: "facts" }, make("div", {}, ...lines), glyph);
  }

  reading(drawing) {
    const name = this.desk.name(drawing.reading);
    const className = isInWords(name) ? "in-words" : "";
    const reading = make("strong", { className, textContent: name });
    const sure = `${drawing.headline} (${drawing.confidence})`;
    const claim = this.claim(drawing);
    return [
      make("p", { className: "reading" }, this.desk.words.readingIs, reading),
      make("p", { textContent: sure }),
      make("p", { className: claim.differs ? "claim differs" : "claim", textContent: claim.words }),
    ];
  }

  claim({ claim, reading }) {
    if (claim === null) return { words: this.desk.words.noClaim, differs: false };
    const words = this.desk.text("claim", { label: this.desk.name(claim) });
    return { words, differs: claim !== reading };
  }

  /** The last labelled ones, each with its label and whether it is saved. */
  trail() {
    const labelled = this.drawings.filter(
      ({ label, state }) => label !== null || state === "missing",
    );
    const parts = labelled.slice(-TRAIL_LENGTH).map((drawing) => this.step(drawing));
    return make("ol", { className: "trail", aria: { label: this.desk.words.trail } }, ...parts);
  }

  step(drawing) {
    const state = this.outbox.problem && drawing.state === "waiting" ? "failed" : drawing.state;
    const name = this.desk.name(drawing.label) ?? "-";
    const image = make("img", { src: drawing.thumbnail, alt: "" });
    const words = make("span", {
      className: "visually-hidden",
      textContent: this.desk.words[`state_${state}`],
    });
    return make("li", { className: state }, image, make("span", { textContent: name }), words);
  }

  showTrail() {
    this.desk.stage.querySelector(".trail")?.replaceWith(this.trail());
  }

  showState() {
    this.showTrail();
  }

  showConfirm() {
    const button = document.getElementById("confirm");
    if (!button) return;
    const drawing = this.drawing;
    const label = drawing ? this.desk.name(drawing.reading) : "";
    button.querySelector(".words").textContent = drawing
      ? this.desk.text("agree", { label })
      : this.desk.words.agreeNone;
    button.setAttribute("aria-disabled", String(!drawing));
  }

  announce(before) {
    if (!this.drawing) return;
    const name = this.isBlind ? "currentBlind" : "current";
    const after = this.desk.text(name, { reading: this.desk.name(this.drawing.reading) });
    document.getElementById("said").textContent = `${before} ${after}`.trim();
  }
}
