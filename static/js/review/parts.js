"use strict";

/** Put values into the braces of a sentence. */
function fill(sentence, values = {}) {
  return sentence.replace(/\{(\w+)\}/g, (braces, name) => values[name] ?? braces);
}

function make(tag, properties = {}, ...children) {
  const { data = {}, aria = {}, ...own } = properties;
  const element = Object.assign(document.createElement(tag), own);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Whether a label is words, such as 'not a digit', which take more room than a digit. */
// biome-ignore lint/correctness/noUnusedVariables: used in grid.js and single.js
function isInWords(name) {
  return name.length > 1;
}

/** What both modes share: the words, the live region and the labels that were not saved. */
// biome-ignore lint/correctness/noUnusedVariables: used in page.js
class Desk {
  constructor(config) {
    this.config = config;
    this.words = config.words;
    this.section = document.getElementById("review");
    this.stage = document.getElementById("stage");
    this.notices = document.getElementById("notices");
    this.problems = document.getElementById("problems");
    this.labelled = 0;
  }

  text(name, values) {
    return fill(this.words[name], values);
  }

  name(label) {
    return this.config.labels[label];
  }

  /** Read out, not shown. */
  say(name, values) {
    document.getElementById("said").textContent = this.text(name, values);
  }

  empty(left) {
    const name = left === "0" ? "empty" : "reserved";
    this.stage.replaceChildren(make("p", { className: "empty", textContent: this.text(name) }));
    this.say(name);
  }

  /** Show whose label was kept, with the drawing. */
  report(answer, find) {
    for (const { id, words } of answer.conflicts) this.notice(find(id), words);
    for (const id of answer.missing) {
      this.notice(find(id), this.text("missing", { id: id.slice(0, 8) }));
    }
  }

  notice(drawing, words) {
    const picture = drawing ? make("img", { src: drawing.thumbnail, alt: "" }) : null;
    this.notices.append(make("p", {}, picture, words));
  }

  showLeft(left) {
    for (const place of document.querySelectorAll("[data-queue]")) {
      place.textContent = left[place.dataset.queue] ?? place.textContent;
    }
  }

  showProblem(outbox) {
    const problem = outbox.problem;
    const words = problem ? this.problemWords(problem, outbox.unsaved) : "";
    if (this.problems.dataset.words === words) return;
    this.problems.dataset.words = words;
    this.problems.replaceChildren(...(problem ? this.problemParts(problem, words, outbox) : []));
  }

  problemWords(problem, unsaved) {
    const failed = unsaved ? "failed" : "failedLoading";
    const name = problem.kind === "failed" ? failed : problem.kind;
    const words = this.text(name, { error: problem.message });
    return unsaved ? `${words} ${this.text("unsaved", { count: unsaved })}` : words;
  }

  problemParts(problem, words, outbox) {
    const again = make("button", { type: "button", textContent: this.words.tryAgain });
    again.addEventListener("click", () => outbox.retry());
    const login = make("a", {
      href: this.config.login,
      target: "_blank",
      textContent: this.words.login,
    });
    const isOut = problem.kind === "loggedOut";
    return [make("p", { textContent: words }), isOut ? login : "", again];
  }

  showSaving(outbox) {
    const words = this.labelled ? this.text("labelledSoFar", { count: this.labelled }) : "";
    const isSending = outbox.unsaved && !outbox.problem;
    document.getElementById("saving").textContent = isSending ? this.words.saving : words;
  }
}
