"use strict";

/**
 * The network's reading of the unfinished drawing, requested shortly after each stroke.
 * When the request fails, the start text is shown again.
 */
// biome-ignore lint/correctness/noUnusedVariables: used in index.js
class Guess {
  constructor(form, words, bars) {
    this.form = form;
    this.words = words;
    this.bars = [...bars];
    this.greeting = words.textContent;
  }

  later() {
    this.forget();
    this.timer = setTimeout(() => this.ask(), 250);
  }

  forget() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  quiet() {
    this.forget();
    this.show(this.greeting, []);
  }

  async ask() {
    this.asking = new AbortController();
    try {
      this.take(await this.fetch(this.asking.signal));
    } catch (error) {
      if (error.name !== "AbortError") this.quiet();
    }
  }

  async fetch(signal) {
    const body = new FormData(this.form);
    body.delete("file");
    const response = await fetch(this.form.dataset.guess, { method: "POST", body, signal });
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  }

  take({ headline, probabilities, digit }) {
    this.show(headline, probabilities ?? [], digit);
  }

  show(words, probabilities, digit) {
    this.words.textContent = words;
    this.bars.forEach((bar, i) => {
      bar.style.setProperty("--share", probabilities[i] ?? 0);
      bar.classList.toggle("read", i === digit);
    });
  }
}
