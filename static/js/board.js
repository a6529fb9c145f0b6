"use strict";

/**
 * A drawingboard.js board with its own handling of mouse, touch and pen input and of its size, and
 * without the library's animation loop. The library keeps the canvas and the undo history.
 */
// biome-ignore lint/correctness/noUnusedVariables: used in index.js
class Board extends DrawingBoard.Board {
  constructor(id, pen) {
    super(id, {
      controls: [],
      color: "#000000",
      background: "#ffffff",
      webStorage: false,
      size: pen,
    });
    this.before = this.canvas.cloneNode();
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.$el.data("label"));
  }

  /** The canvas always has 280 x 280 pixels. The style sheet sets the size on the screen. */
  resize() {
    this.canvas.width = this.canvas.height = 280;
  }

  initDrawEvents() {
    const on = (type, act) => this.canvas.addEventListener(type, act);
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.move(event));
    on("lostpointercapture", (event) => event.pointerId === this.pointer && this.lift());
    // Safari scrolls, zooms and selects text even with touch-action: none.
    this.canvas.addEventListener("touchstart", (event) => event.preventDefault(), {
      passive: false,
    });
  }

  /**
   * The current drawing as a data URI, from the history: after an undo, the canvas only changes
   * when the earlier picture has been decoded.
   */
  get picture() {
    return this.history.stack[this.history.position];
  }

  get isBlank() {
    return this.picture === this.blankCanvas;
  }

  /** Call `act` after each stroke, undo, redo and clear. */
  onChange(act) {
    this.ev.bind("historyNavigation", act);
  }

  undo() {
    this.lift();
    this.goBackInHistory();
  }

  redo() {
    this.lift();
    this.goForthInHistory();
  }

  clear() {
    this.lift();
    if (!this.isBlank) this.reset({ background: true });
  }

  restore(picture) {
    this.setImg(picture, { callback: () => this.saveHistory() });
  }

  press(event) {
    if (event.button !== 0) return;
    if (this.pointer !== undefined) {
      if (event.pointerType !== "pen") return; // a second finger or a palm
      this.ctx.drawImage(this.before, 0, 0); // remove the mark of a palm that came before the pen
    }
    this.pointer = event.pointerId;
    this.canvas.setPointerCapture(event.pointerId);
    this.before.getContext("2d").drawImage(this.canvas, 0, 0);
    this.last = this.middle = this.place(event);
    this.dot(this.last);
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const points = event.getCoalescedEvents?.() ?? [];
    for (const point of points.length ? points : [event]) this.curve(this.place(point));
    if (!(event.buttons & 1)) this.lift(); // no pointerup comes while another button is held
  }

  lift() {
    if (this.pointer === undefined) return;
    this.pointer = undefined;
    this.line((ctx) => ctx.lineTo(this.last.x, this.last.y));
    this.saveHistory();
  }

  place(event) {
    const shown = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - shown.left) * this.canvas.width) / shown.width,
      y: ((event.clientY - shown.top) * this.canvas.height) / shown.height,
    };
  }

  dot({ x, y }) {
    this.ctx.lineWidth = this.opts.size;
    this.ctx.fillStyle = this.color;
    this.ctx.beginPath();
    this.ctx.arc(x, y, this.opts.size / 2, 0, 2 * Math.PI);
    this.ctx.fill();
  }

  /** Draw smooth curves from midpoint to midpoint, with the points themselves as control points. */
  curve(point) {
    const middle = { x: (this.last.x + point.x) / 2, y: (this.last.y + point.y) / 2 };
    this.line((ctx) => ctx.quadraticCurveTo(this.last.x, this.last.y, middle.x, middle.y));
    this.last = point;
    this.middle = middle;
  }

  line(draw) {
    this.ctx.beginPath();
    this.ctx.moveTo(this.middle.x, this.middle.y);
    draw(this.ctx);
    this.ctx.stroke();
  }
}
