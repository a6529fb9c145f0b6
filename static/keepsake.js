"use strict";

/** A text that this tab keeps over a reload or a look at another page, where the browser lets it. */
class Keepsake {
  constructor(name) {
    this.name = name;
  }

  put(text) {
    try {
      sessionStorage.setItem(this.name, text);
    } catch {
      // Storage is blocked or full: the drawing is as lasting as the page.
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
