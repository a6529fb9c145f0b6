"use strict";

const MOST_LABELS = 100; // in one request of single labels; the site takes 200

/** Why a request was not done. Only some reasons are worth trying again without being asked. */
class Problem extends Error {
  constructor(kind, words = "") {
    super(words);
    this.kind = kind;
  }
}

/**
 * Sends labels in the order in which they were given, one request at a time. A request stays here until
 * the site has answered it: after a failure it is sent again by itself, after a logout when asked.
 * Sending the same labels twice does no harm, because the site compares before it sets.
 */
// biome-ignore lint/correctness/noUnusedVariables: used in page.js
class Outbox {
  constructor(config, onAnswer, onChange) {
    this.config = config;
    this.onAnswer = onAnswer;
    this.onChange = onChange;
    this.waiting = [];
    this.failures = 0;
    this.problem = null;
    window.addEventListener("online", () => this.retry());
  }

  /** How many labels the site has not confirmed yet. */
  get unsaved() {
    return this.waiting.reduce((count, request) => count + request.labels.length, 0);
  }

  push(request) {
    this.waiting.push({ labels: [], more: false, skip: () => [], ...request });
    this.onChange();
    if (!this.problem) this.run();
  }

  retry() {
    clearTimeout(this.timer);
    this.run();
  }

  async run() {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length && (await this.sendFirst()));
    this.busy = false;
    this.onChange();
  }

  /** Make one request of those that wait, so that quick keys do not wait for slow answers. */
  merge() {
    let first = this.waiting.shift();
    while (this.waiting.length && fitTogether(first, this.waiting[0])) {
      const next = this.waiting.shift();
      const labels = [...first.labels, ...next.labels];
      first = {
        ...first,
        labels,
        more: first.more || next.more,
        skip: next.more ? next.skip : first.skip,
      };
    }
    this.waiting.unshift(first);
    return first;
  }

  async sendFirst() {
    const request = this.merge();
    let answer;
    try {
      answer = await this.send(request);
    } catch (error) {
      this.note(error);
      return false;
    }
    this.waiting.shift();
    this.problem = null;
    this.failures = 0;
    this.onAnswer(answer, request);
    this.onChange();
    return true;
  }

  async send(request) {
    const { queue, mode, blind } = this.config;
    const { labels, more } = request;
    const body = JSON.stringify({ queue, mode, blind, labels, more, skip: request.skip() });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
    const signal = AbortSignal.timeout(30_000);
    const options = { method: "POST", redirect: "manual", headers, body, signal };
    return read(await fetch(this.config.address, options));
  }

  note(error) {
    this.problem = error instanceof Problem ? error : new Problem("failed");
    if (this.problem.kind !== "failed") return;
    this.failures += 1;
    const seconds = Math.min(30, 2 ** this.failures);
    this.timer = setTimeout(() => this.run(), 1000 * seconds);
  }
}

/** Whether two requests can be one. The site changes a drawing's label only once in a request. */
function fitTogether(one, next) {
  const ids = new Set(one.labels.map(({ id }) => id));
  const isApart = next.labels.every(({ id }) => !ids.has(id));
  return isApart && !one.kind && !next.kind && one.labels.length < MOST_LABELS;
}

/** From the cookie, because logging in again in another tab changes it. */
function csrfToken() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
}

async function read(response) {
  const isJson = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  // The login page is where the site sends those whom it does not know.
  if (response.type === "opaqueredirect") throw new Problem("loggedOut");
  if (response.status === 403 && !isJson) throw new Problem("loggedOut");
  if (response.ok && isJson) return response.json();
  if (isJson && response.status < 500) throw new Problem("refused", (await response.json()).error);
  throw new Problem("failed");
}
