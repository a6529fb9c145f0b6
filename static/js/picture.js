"use strict";

/**
 * A picture file that was chosen, dropped or pasted. It is kept in the file field, and its preview
 * covers the board until it is removed.
 */
// biome-ignore lint/correctness/noUnusedVariables: used in index.js
class Picture {
  /** `cover` covers the board and holds an image; `warning` says that a file cannot be shown. */
  constructor(field, cover, warning) {
    this.field = field;
    this.cover = cover;
    this.image = cover.querySelector("img");
    this.warning = warning;
    this.image.addEventListener("load", () => this.setVisible(true));
    this.image.addEventListener("error", () => this.setVisible(false));
    field.addEventListener("change", () => this.show());
    // When the visitor comes back to the page, a browser may restore the file without an event.
    window.addEventListener("pageshow", () => this.isThere && this.put(this.field.files));
    // On the whole page: otherwise a picture dropped beside the board would replace the page.
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => this.take(event.clipboardData.files));
  }

  get isThere() {
    return this.field.files.length > 0;
  }

  take([file]) {
    if (!file) return;
    const one = new DataTransfer();
    one.items.add(file);
    this.put(one.files);
  }

  remove() {
    this.put(new DataTransfer().files);
  }

  put(files) {
    this.field.files = files;
    this.field.dispatchEvent(new Event("change"));
  }

  show() {
    this.cover.hidden = !this.isThere;
    this.image.hidden = true;
    this.warning.hidden = true;
    if (this.isThere) this.load(this.field.files[0]);
  }

  load(file) {
    const isCurrent = () => file === this.field.files[0]; // no other file has been chosen since
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      if (isCurrent()) this.image.src = reader.result;
    });
    reader.addEventListener("error", () => {
      if (isCurrent()) this.setVisible(false);
    });
    reader.readAsDataURL(file);
  }

  setVisible(visible) {
    this.image.hidden = !visible;
    this.warning.hidden = visible || !this.isThere;
  }
}
