"use strict";

/**
 * Sends a form with fetch(), so that an error is shown beside the board and the drawing is kept.
 * When the site cannot be reached or is not available, the button offers to send it again.
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
      this.offerAgain([this.form.dataset.failed]);
    }
  }

  async handle(response) {
    this.done = response.ok && response.redirected;
    if (this.done) return location.assign(response.url);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const paragraphs = [...page.querySelectorAll("#message p")];
    const errors = paragraphs.map((paragraph) => paragraph.textContent.trim());
    if (!errors.length) return this.offerAgain([this.form.dataset.failed]);
    if (response.status < 500) return this.showErrors(errors);
    return this.offerAgain([...errors, this.form.dataset.kept]);
  }

  offerAgain(sentences) {
    this.showErrors(sentences);
    this.button.textContent = this.form.dataset.again;
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
