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
    if (!bad && !link) setTimeout(() => line.remove(), 4000);
  }

  // What is said as a page is left is said on the next one.
  const kept = sessionStorage.getItem("said");
  sessionStorage.removeItem("said");
  if (kept) say(...JSON.parse(kept));

  // --- cases: the one that is shown, and the next two, fetched meanwhile ------------------------------------
  const DONE = {
    same: "The same customer", all: "The same customer, with all their records", different: "Two customers",
    related: "Related, two customers",
  };
  const AHEAD = 2;
  const UNSEEN = 150; // ms: nobody has read a case that is shown for less; a key then was meant for the one before
  const BEAT = 60_000; // ms: claims are renewed so often
  let ahead = []; // {html: a promise, id}
  let sent = new Set(); // cases of which the answer is under way
  let last = null; // the last act, to be undone: a promise of its number and of the address of its case
  let shown = performance.now();
  let going = false; // between an answer and the next case
  let staying = false; // whether the page that is left for is one that goes on with these cases
  let beaten = Date.now();

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

  async function goOn(announced) {
    going = true;
    if (Date.now() - beaten > 1.5 * BEAT) await beat(); // this computer slept: others may have what was fetched
    const html = await ahead.shift()?.html;
    if (!html) {
      await last;
      leaveFor(`/decide?${work.dataset.rest}`);
      return;
    }
    work.replaceChildren(html);
    history.replaceState(null, "", work.querySelector("[data-case]").dataset.address);
    window.htmx?.process(work);
    window.scrollTo(0, 0);
    shown = performance.now();
    going = false;
    work.querySelector("h1").focus({ preventScroll: true });
    const undo = document.querySelector("[data-undo]");
    if (undo) undo.disabled = last === null;
    fill();
    if (!announced) beat();
  }

  const door = (then) => `/sign-in?ended=true&then=${encodeURIComponent(then)}`;
  let ended = false; // whether the session did, and it was said

  function leaveFor(address, ...word) {
    staying = true;
    if (word.length) sessionStorage.setItem("said", JSON.stringify(word));
    location.assign(address);
  }

  async function send(address, body, where) {
    const answer = await post(address, body).catch(() => null);
    if (answer === null) {
      say("The desk cannot be reached: this was not recorded.", { bad: true, link: where });
      return null;
    }
    if (answer.status === 401) {
      window.kept.answer(where, [{ id: "/case/answer reason 0", value: body.get("reason") ?? "" }].filter((one) => one.value));
      leaveFor(door(where));
      return null;
    }
    const told = await answer.json();
    if (!answer.ok) {
      say(told.message, { bad: true, link: told.look ?? where });
      return null;
    }
    return told;
  }

  // Cases that are others' by now: those that are not shown yet are dropped.
  function lose(lost) {
    ahead = ahead.filter((one) => !(one.id in lost));
    for (const id of mine()) if (id in lost && !sent.has(id)) say(lost[id], { bad: true, link: `/decide?${work.dataset.rest}`, word: "To the next case" });
  }

  function decide(form, button) {
    if (going || performance.now() - shown < UNSEEN) return;
    const one = form.closest("[data-case]");
    const body = new URLSearchParams(new FormData(form, button));
    body.set("seconds", ((performance.now() - shown) / 1000).toFixed(2));
    const next = ahead[0]?.id; // it is shown from now on, and so nobody else's
    if (next) body.set("next", next);
    const before = last;
    const id = one.dataset.case;
    const address = one.dataset.address;
    sent.add(id);
    last = send(button.hasAttribute("formaction") ? button.formAction : form.action, body, address)
      .then((told) => {
        if (!told) return before;
        if (told.said) say(told.said, { link: "/history", word: "To the history" });
        lose(told.lost);
        return { act: told.act, address };
      })
      .finally(() => sent.delete(id));
    const who = new FormData(form, button).get("other");
    say(who ? `${button.dataset.said} to ${who}` : (button.dataset.said ?? DONE[button.value]));
    goOn(Boolean(next));
  }

  async function undo() {
    const done = await last;
    if (!done) return;
    last = null;
    const told = await send(`/acts/${done.act}/undo`, new URLSearchParams(), "/history");
    if (!told) return;
    if (told.said) leaveFor(`/decide?${work.dataset.rest}`, told.said, { link: told.look, word: "Publish it now" });
    else leaveFor(done.address, "Taken back");
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
    at?.focus({ preventScroll: true });
    if (!slot.querySelector(".problem")) say(back ? "Taken back" : "Set. It is in the golden table with the next run");
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

  if (work && document.querySelector("[data-mine]")) {
    beat().then(fill);
    setInterval(beat, BEAT);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat());
    window.addEventListener("pagehide", () => staying || navigator.sendBeacon("/decide/left", told()));
  }

  // --- keys -----------------------------------------------------------------------------------------------
  // On a Greek or a Cyrillic keyboard it is the place of the key that counts: Σ stands where S does.
  function keyOf(event) {
    if (event.key.length > 1) return event.key;
    const foreign = event.key.codePointAt(0) > 127 && /^Key[A-Z]$/.test(event.code);
    return (foreign ? event.code[3] : event.key).toLowerCase();
  }

  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const why = event.key === "Enter" && event.target.matches("[data-why]"); // a reason is told, then a key decides
    if (why) event.preventDefault();
    if (why || (event.key === "Escape" && typing(event.target))) {
      event.target.blur();
      event.target.closest("[data-answers]")?.focus();
    }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if ((event.key === "j" || event.key === "ArrowDown" || event.key === "ArrowUp") && document.querySelector("[data-list]")) {
      move(event.key === "ArrowUp" ? -1 : 1);
      event.preventDefault();
      return;
    }
    const key = keyOf(event);
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => !one.disabled && one.offsetParent);
    if (!found) return;
    event.preventDefault();
    if (event.repeat) return; // a key that is held down decides once
    if (found.matches("input, textarea, select")) found.focus();
    else found.click();
    if (found.matches("summary")) found.focus(); // Tab goes on from what was opened
  });

  function move(step) {
    const links = [...document.querySelectorAll("[data-list] th a, [data-list] td:first-child a")];
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
    if (event.target.closest("[data-undo]")) undo();
    if (event.detail > 1 && event.target.closest("[data-answers]")) event.preventDefault(); // the second of a double click
  });
})();
