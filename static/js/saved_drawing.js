"use strict";

/** The unfinished drawing, kept for this tab across page loads in the session storage. */
// biome-ignore lint/correctness/noUnusedVariables: used in index.js
class SavedDrawing {
  save(picture) {
    try {
      sessionStorage.setItem("drawing", picture);
    } catch {
      // Storage is blocked or full: the drawing is lost when the visitor leaves the page.
    }
  }

  load() {
    try {
      return sessionStorage.getItem("drawing");
    } catch {
      return "";
    }
  }
}
