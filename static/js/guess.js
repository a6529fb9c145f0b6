"use strict";

/**
 * The network's reading of the unfinished drawing, requested shortly after each stroke.
 * When the request fails, the start text is shown again.
 */
// biome-ignore lint/correctness/noUnusedVariables: used in index.js
class Guess {
  constructor(form, text, bars) {
    this.form = form;
    this.text = text;
    this.bars = [...bars];
    this.startText = text.textContent;
  }

  /** Request a reading soon, instead of the previous request. */
  schedule() {
    this.cancel();
    this.timer = setTimeout(() => this.request(), 250);
  }

  cancel() {
    clearTimeout(this.timer);
    this.pending?.abort();
  }

  reset() {
    this.cancel();
    this.show(this.startText, []);
  }

  async request() {
    this.pending = new AbortController();
    try {
      const { headline, probabilities, digit } = await this.fetch(this.pending.signal);
      this.show(headline, probabilities ?? [], digit);
    } catch (error) {
      if (error.name !== "AbortError") this.reset();
    }
  }

  async fetch(signal) {
    const body = new FormData(this.form);
    body.delete("file");
    const response = await fetch(this.form.dataset.guess, { method: "POST", body, signal });
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  }

  show(text, probabilities, digit) {
    this.text.textContent = text;
    this.bars.forEach((bar, i) => {
      bar.style.setProperty("--share", probabilities[i] ?? 0);
      bar.classList.toggle("read", i === digit);
    });
  }
}
