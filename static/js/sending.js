"use strict";

/**
 * Sends a form with fetch(), so that an error is shown beside the board and the drawing is kept.
 * Without this script the browser sends the form and gets the same answers.
 */
// biome-ignore lint/correctness/noUnusedVariables: used in index.js
class Sending {
  constructor(form, button, message) {
    this.form = form;
    this.button = button;
    this.message = message;
    this.label = button.textContent;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) this.send();
    });
    // The visitor may come back from the result page.
    window.addEventListener("pageshow", () => this.reset());
  }

  async send() {
    this.start();
    const body = new FormData(this.form);
    try {
      await this.handle(await fetch(this.form.action, { method: "POST", body }));
    } catch {
      this.showErrors([this.form.dataset.failed]);
    }
  }

  async handle(response) {
    this.done = response.ok && response.redirected;
    if (this.done) return location.assign(response.url);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const paragraphs = [...page.querySelectorAll("#message p")];
    const errors = paragraphs.map((paragraph) => paragraph.textContent.trim());
    return this.showErrors(errors.length ? errors : [this.form.dataset.failed]);
  }

  start() {
    this.busy = true;
    this.message.replaceChildren();
    this.button.setAttribute("aria-disabled", "true");
    this.button.textContent = this.form.dataset.sending;
  }

  reset() {
    this.busy = this.done = false;
    this.button.removeAttribute("aria-disabled");
    this.button.textContent = this.label;
  }

  showErrors(sentences) {
    this.reset();
    for (const sentence of sentences) {
      const paragraph = document.createElement("p");
      paragraph.textContent = sentence;
      this.message.append(paragraph);
    }
  }
}
