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
    this.words = button.textContent;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) this.send();
    });
    window.addEventListener("pageshow", () => this.rest()); // back from the result
  }

  async send() {
    this.work();
    try {
      await this.read(
        await fetch(this.form.action, { method: "POST", body: new FormData(this.form) }),
      );
    } catch {
      this.say([this.form.dataset.failed]);
    }
  }

  async read(response) {
    this.done = response.ok && response.redirected;
    if (this.done) return location.assign(response.url);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const said = [...page.querySelectorAll("#message p")].map((sentence) =>
      sentence.textContent.trim(),
    );
    return this.say(said.length ? said : [this.form.dataset.failed]);
  }

  work() {
    this.busy = true;
    this.message.replaceChildren();
    this.button.setAttribute("aria-disabled", "true");
    this.button.textContent = this.form.dataset.sending;
  }

  rest() {
    this.busy = this.done = false;
    this.button.removeAttribute("aria-disabled");
    this.button.textContent = this.words;
  }

  say(sentences) {
    this.rest();
    this.message.replaceChildren(
      ...sentences.map((sentence) =>
        Object.assign(document.createElement("p"), { textContent: sentence }),
      ),
    );
  }
}
