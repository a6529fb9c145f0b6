"use strict";

/** A picture file, chosen, dropped or pasted: it stands in the file field, covering the board until it is removed. */
class Picture {
  constructor(field, preview) {
    this.field = field;
    this.preview = preview;
    field.addEventListener("change", () => this.show());
    // Coming back to the page, a browser may put a file into the field again without a change.
    window.addEventListener("pageshow", () => this.isThere && this.put(this.field.files));
    // Anywhere on the page: a picture let go beside the board would otherwise replace page and drawing.
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
    this.preview.hidden = !this.isThere;
    if (!this.isThere) return;
    const [file] = this.field.files;
    const reader = new FileReader();
    reader.onload = () => {
      if (file === this.field.files[0]) this.preview.src = reader.result; // or another was chosen meanwhile
    };
    reader.readAsDataURL(file);
  }
}
