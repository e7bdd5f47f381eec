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
  function say(text, { bad = false, link = null } = {}) {
    const line = document.createElement("p");
    line.textContent = text;
    if (bad) line.className = "bad";
    if (link) {
      const to = document.createElement("a");
      to.href = link;
      to.textContent = " Look at it";
      line.append(to);
    }
    said.replaceChildren(line);
    if (!bad) setTimeout(() => line.remove(), 4000);
  }

  // --- cases: the one that is shown, and the next two, fetched meanwhile ------------------------------------
  const DONE = { same: "The same customer", different: "Two customers", related: "Related, two customers" };
  const AHEAD = 2;
  const UNSEEN = 150; // ms: nobody has read a case that is shown for less; a key then was meant for the one before
  const BEAT = 60_000; // ms: claims are renewed so often
  let ahead = []; // {html: a promise, id}
  let sent = new Set(); // cases of which the answer is under way
  let last = null; // the last act, to be undone: a promise of its number
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

  async function goOn() {
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
    document.getElementById("content").focus({ preventScroll: true });
    const undo = document.querySelector("[data-undo]");
    if (undo) undo.disabled = last === null;
    fill();
  }

  function leaveFor(address) {
    staying = true;
    location.assign(address);
  }

  async function send(address, body, where) {
    const answer = await post(address, body).catch(() => null);
    if (answer === null) {
      say("The desk cannot be reached: this was not recorded.", { bad: true, link: where });
      return null;
    }
    if (answer.status === 401) {
      leaveFor(`/sign-in?then=${encodeURIComponent("/decide")}`);
      return null;
    }
    const told = await answer.json();
    if (!answer.ok) {
      say(told.message, { bad: true, link: told.look ?? where });
      return null;
    }
    return told.act;
  }

  function decide(form, button) {
    if (going || performance.now() - shown < UNSEEN) return;
    const one = form.closest("[data-case]");
    const body = new URLSearchParams(new FormData(form, button));
    body.set("seconds", ((performance.now() - shown) / 1000).toFixed(2));
    const before = last;
    const id = one.dataset.case;
    sent.add(id);
    last = send(button.hasAttribute("formaction") ? button.formAction : form.action, body, one.dataset.address)
      .then((act) => act ?? before)
      .finally(() => sent.delete(id));
    const who = new FormData(form, button).get("other");
    say(who ? `${button.dataset.said} to ${who}` : (button.dataset.said ?? DONE[button.value]));
    goOn();
  }

  async function undo() {
    const act = await last;
    if (!act) return;
    last = null;
    if (await send(`/acts/${act}/undo`, new URLSearchParams(), "/history")) {
      say("Taken back");
      leaveFor(`/decide?${work?.dataset.rest ?? ""}`);
    }
  }

  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target.closest?.(".talk")) document.getElementById("content").focus({ preventScroll: true });
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
    return body;
  };

  async function beat() {
    if (held().length === 0) return;
    const answer = await post("/decide/beat", told()).catch(() => null);
    if (!answer?.ok) return;
    beaten = Date.now();
    const { lost } = await answer.json();
    ahead = ahead.filter((one) => !(one.id in lost));
    for (const id of mine()) if (id in lost && !sent.has(id)) say(lost[id], { bad: true, link: `/decide?${work.dataset.rest}` });
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
    const why = event.key === "Enter" && event.target.matches(".why"); // a reason is told, then a key decides
    if (why) event.preventDefault();
    if (why || (event.key === "Escape" && typing(event.target))) event.target.blur();
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
