// The desk in the browser. Pages work without it; with it, one key decides and the next case is there at once.
"use strict";
(() => {
  const csrf = document.querySelector("meta[name=csrf]")?.content;
  const said = document.getElementById("said");
  const work = document.getElementById("work");

  document.body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = csrf;
  });

  // --- saying what was done -------------------------------------------------------------------------------
  function say(text, { bad = false, link = null, word = "Look at it" } = {}) {
    const line = document.createElement("p");
    line.textContent = text;
    if (bad) line.className = "bad";
    if (link) {
      const to = document.createElement("a");
      to.href = link;
      to.textContent = word;
      line.append(" ", to);
    }
    said.replaceChildren(line);
    if (!bad && !link) setTimeout(() => line.remove(), Math.max(4000, 80 * text.length)); // as long as it takes to read
  }

  // What is said as a page is left is said on the next one.
  document.addEventListener("say", (event) => say(event.detail));
  const kept = sessionStorage.getItem("said");
  sessionStorage.removeItem("said");
  if (kept) say(...JSON.parse(kept));

  // --- cases: the one that is shown, and the next two, fetched meanwhile ------------------------------------
  const AHEAD = 2;
  const UNSEEN = 150; // ms: nobody has read a case that is shown for less; a key then was meant for the one before
  const BEAT = 60_000; // ms: claims are renewed so often
  let ahead = []; // {html: a promise, id}
  let sent = new Set(); // cases of which the answer is under way
  let last = null; // the last act, to be undone: what it was, and a promise of its number and of its case's address
  if (work?.dataset.last) last = { said: work.dataset.said, done: Promise.resolve({ act: work.dataset.last, address: work.dataset.back }) };
  let shown = performance.now();
  let going = false; // between an answer and the next case
  let staying = false; // whether the page that is left for is one that goes on with these cases
  let beaten = Date.now();
  let left = Number(work?.dataset.left ?? 0); // cases after this one, counted once a page
  count();
  offer();

  const mine = () => [...document.querySelectorAll("[data-mine]")].map((one) => one.dataset.case);
  const held = () => [...mine(), ...ahead.map((one) => one.id)].filter(Boolean);
  const post = (address, body) =>
    fetch(address, { method: "POST", body, keepalive: true, headers: { Accept: "application/json", "X-CSRF-Token": csrf } });

  function fill() {
    while (ahead.length < AHEAD) {
      const one = { id: null };
      const before = ahead.at(-1)?.html ?? Promise.resolve();
      one.html = before.then(() => fetchOne(one));
      ahead.push(one);
    }
  }

  async function fetchOne(one) {
    const query = new URLSearchParams(work.dataset.rest);
    for (const id of new Set([...held(), ...sent])) query.append("but", id);
    const answer = await fetch(`/decide/next?${query}`, { headers: { Accept: "text/html", "HX-Request": "true" } }).catch(() => null);
    if (answer?.status !== 200) return null;
    const held_ = document.createElement("template");
    held_.innerHTML = await answer.text();
    one.id = held_.content.querySelector("[data-case]").dataset.case;
    return held_.content;
  }

  // outcome: a promise of what the answer came to, `null` where it was refused, with what is said then.
  async function goOn(announced, outcome) {
    going = true;
    if (Date.now() - beaten > 1.5 * BEAT) await beat(); // this computer slept: others may have what was fetched
    const html = await ahead.shift()?.html;
    if (!html) {
      const done = await outcome;
      if (done) leaveFor(`/decide?${work.dataset.rest}`, ...done);
      else stay();
      return;
    }
    work.replaceChildren(html);
    left -= 1;
    count();
    history.replaceState(null, "", work.querySelector("[data-case]").dataset.address);
    window.htmx?.process(work);
    window.scrollTo(0, 0);
    shown = performance.now();
    going = false;
    work.querySelector("h1").focus({ preventScroll: true });
    offer();
    fill();
    if (!announced) beat();
  }

  // Nothing is there to go on with, and the answer was refused: why stands where it is read.
  function stay() {
    going = false;
    shown = performance.now();
    if (mine().length === 0) return;
    ahead = [];
    fill();
  }

  function count() {
    const at = document.querySelector("#work [data-left]");
    if (at && left > 0) at.textContent = `${left.toLocaleString("en")} more ${work.dataset.rest ? "like this" : "to decide"}`;
  }

  // U takes back what was done last, on this page or on one before it.
  function offer() {
    const undo = document.querySelector("[data-undo]");
    if (!undo) return;
    undo.disabled = last === null;
    undo.title = last ? `Take back: ${last.said}` : "Take the last answer back";
  }

  const called = (one) => one.querySelector("[data-called]").textContent;
  const named = (one, text) => `${called(one)}: ${text[0].toLowerCase()}${text.slice(1)}`;

  const door = (then) => `/sign-in?ended=true&then=${encodeURIComponent(then)}`;
  let ended = false; // whether the session did, and it was said

  function leaveFor(address, ...word) {
    staying = true;
    if (word.length) sessionStorage.setItem("said", JSON.stringify(word));
    location.assign(address);
  }

  // of: what it is about, as another case is shown by the time that it is refused.
  async function send(address, body, where, of = "") {
    const answer = await post(address, body).catch(() => null);
    if (answer === null) {
      say(`${of}The desk cannot be reached: this was not recorded.`, { bad: true, link: where });
      return null;
    }
    if (answer.status === 401) {
      ended = true;
      window.kept.answer(where, [{ id: "/case/answer reason 0", value: body.get("reason") ?? "" }].filter((one) => one.value));
      leaveFor(door(where));
      return null;
    }
    const told = await answer.json();
    if (!answer.ok) {
      say(`${of}${told.message}`, { bad: true, link: told.look ?? where, word: told.look ? "See why" : "Look at it" });
      return null;
    }
    return told;
  }

  // Cases that are others' by now: those that are not shown yet are dropped.
  function lose(lost) {
    ahead = ahead.filter((one) => !(one.id in lost));
    for (const one of document.querySelectorAll("[data-mine]")) {
      const why = lost[one.dataset.case];
      if (why && !sent.has(one.dataset.case)) say(`${called(one)}: ${why}`, { bad: true, link: `/decide?${work.dataset.rest}`, word: "To the next case" });
    }
  }

  function decide(form, button) {
    if (going || performance.now() - shown < UNSEEN || !sure(button)) return;
    form.closest("dialog")?.close();
    const one = form.closest("[data-case]");
    const body = new URLSearchParams(new FormData(form, button));
    body.set("seconds", ((performance.now() - shown) / 1000).toFixed(2));
    const next = ahead[0]?.id; // it is shown from now on, and so nobody else's
    if (next) body.set("next", next);
    const before = last;
    const id = one.dataset.case;
    const address = one.dataset.address;
    sent.add(id);
    const who = new FormData(form, button).get("other");
    const done = who ? `${button.dataset.said} to ${who}` : button.dataset.said;
    const line = named(one, done);
    const became = (told) => (told.said ? [named(one, told.said), told.look ? { link: told.look, word: "To the history" } : {}] : [line]);
    const two = "two" in one.dataset && button.name === "answer"; // what becomes of it is not known before it is told
    const sending = send(button.hasAttribute("formaction") ? button.formAction : form.action, body, address, `${called(one)}: `);
    const it = { said: `${done} (${called(one)})` };
    last = it;
    it.done = sending
      .then((told) => {
        if (!told) {
          it.said = before?.said;
          if (last === it) last = before;
          offer();
          return before?.done;
        }
        if (told.said || two) say(...became(told));
        lose(told.lost);
        return { act: told.act, address };
      })
      .finally(() => sent.delete(id));
    if (!two) say(line);
    goOn(Boolean(next), sending.then((told) => told && became(told)));
  }

  // What something speaks against is decided by two strokes: the first one asks.
  const SURE = 6000; // ms: so long it is asked
  const TWICE = 400; // ms: a second stroke that comes sooner is of the same press
  function sure(button) {
    if (!button.dataset.sure) return true;
    if (button.dataset.asked) return performance.now() - Number(button.dataset.asked) > TWICE;
    const word = button.querySelector("span");
    const before = word.textContent;
    word.textContent = button.dataset.sure;
    button.dataset.asked = performance.now();
    say(`${button.dataset.sure} Their records contradict each other: once more, and they are one.`);
    setTimeout(() => {
      delete button.dataset.asked;
      word.textContent = before;
    }, SURE);
    return false;
  }

  let undoing = false;
  async function undo() {
    const it = last;
    const done = await it?.done;
    if (!done || undoing) return;
    undoing = true;
    const told = await send(`/acts/${done.act}/undo`, new URLSearchParams(), "/history", `${it.said}: `);
    undoing = told !== null;
    if (!told) return;
    if (told.said) leaveFor(`/decide?${work.dataset.rest}`, told.said, { link: told.look, word: "Publish it now" });
    else leaveFor(done.address, told.taken);
  }

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.requestConfig.elt.closest(".talk")) document.querySelector(".talk")?.focus({ preventScroll: true });
  });

  // A golden record that is drawn anew: the focus is where it was, at the field that was set.
  let setting = null; // {slot, field, back: whether a choice was taken back}
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const golden = event.target.closest?.(".golden");
    setting = golden && { slot: golden.parentElement, field: event.target.closest("tr")?.dataset.field ?? event.target.elements?.field?.value, back: event.detail.requestConfig.path.startsWith("/golden/back") };
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (!setting?.slot.isConnected) return;
    const { slot, field, back } = setting;
    setting = null;
    const row = field && slot.querySelector(`tr[data-field="${CSS.escape(field)}"]`);
    const at =
      row?.querySelector(".change[open] label input") ?? row?.querySelector("summary") ??
      slot.querySelector(".add[open] label input") ?? slot.querySelector(".golden summary");
    const refused = slot.querySelector(".problem");
    at?.focus({ preventScroll: !refused });
    if (refused) said.replaceChildren();
    else say(back ? "Taken back" : "Set. It is in the golden table with the next run");
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-answers]") || !work || !event.submitter) return;
    event.preventDefault();
    decide(form, event.submitter);
  });

  // --- still here: cases that are open stay with whoever has them, those that are left are given back ---------
  const told = () => {
    const body = new URLSearchParams({ csrf });
    for (const id of held()) body.append("case", id);
    for (const id of mine()) body.append("open", id);
    return body;
  };

  async function beat() {
    if (held().length === 0) return;
    const answer = await post("/decide/beat", told()).catch(() => null);
    if (answer?.status === 401 && !ended) {
      ended = true;
      window.kept.watch();
      say("Your session ended: sign in again.", { bad: true, link: door(location.pathname + location.search), word: "Sign in" });
    }
    if (!answer?.ok) return;
    beaten = Date.now();
    lose((await answer.json()).lost);
    if (!going) fill();
  }

  // A case that somebody else has open: the page says by itself when it is free, or decided.
  const LOOK = 10_000; // ms
  const waited = document.querySelector("[data-held]");
  async function look() {
    const [kind, one, other] = waited.dataset.case.split("\t");
    const answer = await post("/case/held", new URLSearchParams({ case: kind, left: one, right: other })).catch(() => null);
    if (!answer || answer.status === 401 || (answer.ok && (await answer.json()).held)) return;
    const typed = [...document.querySelectorAll(".talk input[name=text]")].some((field) => field.value);
    const word = `${waited.dataset.held} is done with this case.`;
    if (typed) say(word, { link: waited.dataset.address });
    else leaveFor(waited.dataset.address, word);
  }
  if (waited) {
    setInterval(() => document.visibilityState === "visible" && look(), LOOK);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  }

  if (work && document.querySelector("[data-mine]")) {
    beat().then(fill);
    setInterval(beat, BEAT);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat());
    window.addEventListener("pagehide", () => staying || navigator.sendBeacon("/decide/left", told()));
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-undo]")) undo();
    if (event.detail > 1 && event.target.closest("[data-answers]")) event.preventDefault(); // the second of a double click
  });
})();
