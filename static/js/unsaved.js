"use strict";

/** Warns before labels that were chosen and not saved are left, and shows which they are. */
class Unsaved {
  constructor(selects) {
    this.selects = selects;
    this.saved = new Map(selects.map((select) => [select, select.value]));
    document.addEventListener("change", () => this.show());
    // A form that is sent is not left: saving, or an action that asks by itself.
    document.addEventListener(
      "submit",
      (event) => (this.isSent = event.target.contains(selects[0])),
    );
    document.addEventListener("click", (event) => this.onClick(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.changed.length && !this.isSent) event.preventDefault();
    });
    window.addEventListener("pageshow", () => this.show()); // the browser may restore choices
  }

  get changed() {
    return this.selects.filter((select) => select.value !== this.saved.get(select));
  }

  show() {
    for (const select of this.selects) {
      select.classList.toggle("unsaved", select.value !== this.saved.get(select));
    }
  }

  /** Ask by ourselves as well, because browsers on phones do not warn before a page is left. */
  onClick(event) {
    const link = event.target.closest("a[href]");
    const isElsewhere = link && !link.target && !link.getAttribute("href").startsWith("#");
    if (!isElsewhere || !this.changed.length || event.ctrlKey || event.metaKey || event.shiftKey)
      return;
    if (confirm(this.selects[0].dataset.unsaved)) this.isSent = true;
    else event.preventDefault();
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const selects = [...document.querySelectorAll("select[data-unsaved]")];
  if (selects.length) new Unsaved(selects);
});
