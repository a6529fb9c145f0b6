"use strict";

/** A text kept for this tab across page loads, if the browser allows session storage. */
// biome-ignore lint/correctness/noUnusedVariables: used in index.js
class Keepsake {
  constructor(name) {
    this.name = name;
  }

  put(text) {
    try {
      sessionStorage.setItem(this.name, text);
    } catch {
      // Storage is blocked or full: the drawing is lost when the page is left.
    }
  }

  take() {
    try {
      return sessionStorage.getItem(this.name);
    } catch {
      return "";
    }
  }
}
