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

  // --- deciding -------------------------------------------------------------------------------------------
  const DONE = { same: "The same customer", different: "Two customers", related: "Related, two customers" };
  let next = null; // the case after this one, as HTML: a promise
  let last = null; // the last act, to be undone: a promise of its number
  let shown = performance.now();

  const cases = () => [...document.querySelectorAll("[data-case]")].map((one) => one.dataset.case);

  function fetchNext() {
    const query = new URLSearchParams(work.dataset.rest);
    for (const one of cases()) query.append("but", one);
    next = fetch(`/work/next?${query}`, { headers: { Accept: "text/html", "HX-Request": "true" } })
      .then((answer) => (answer.status === 200 ? answer.text() : null))
      .catch(() => null);
  }

  async function goOn() {
    const html = await next;
    if (html === null) {
      location.assign(`/work?${work.dataset.rest}`);
      return;
    }
    work.innerHTML = html;
    window.scrollTo(0, 0);
    shown = performance.now();
    document.getElementById("content").focus({ preventScroll: true });
    fetchNext();
    const undo = document.querySelector("[data-undo]");
    if (undo) undo.disabled = last === null;
  }

  async function send(address, body, where) {
    const answer = await fetch(address, {
      method: "POST", body, keepalive: true, headers: { Accept: "application/json", "X-CSRF-Token": csrf },
    }).catch(() => null);
    if (answer === null) {
      say("The desk cannot be reached: this was not recorded.", { bad: true, link: where });
      return null;
    }
    if (answer.status === 401) {
      location.assign(`/sign-in?then=${encodeURIComponent("/work")}`);
      return null;
    }
    const told = await answer.json();
    if (!answer.ok) {
      say(told.message, { bad: true, link: where });
      return null;
    }
    return told.act;
  }

  function decide(form, button) {
    const body = new URLSearchParams(new FormData(form, button));
    body.set("seconds", ((performance.now() - shown) / 1000).toFixed(2));
    const where = form.closest("[data-case]").dataset.address;
    const before = last;
    last = send(button.formAction && button.hasAttribute("formaction") ? button.formAction : form.action, body, where)
      .then((act) => act ?? before);
    say(button.hasAttribute("data-skip") ? "Laid aside until tomorrow" : DONE[button.value]);
    goOn();
  }

  async function undo() {
    const act = await last;
    if (!act) return;
    last = null;
    if (await send(`/acts/${act}/undo`, new URLSearchParams(), "/history")) {
      say("Taken back");
      location.assign(`/work?${work?.dataset.rest ?? ""}`);
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-answers]") || !work || !event.submitter) return;
    event.preventDefault();
    decide(form, event.submitter);
  });

  // --- keys -----------------------------------------------------------------------------------------------
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if ((event.key === "j" || event.key === "ArrowDown" || event.key === "ArrowUp") && document.querySelector("[data-list]")) {
      move(event.key === "ArrowUp" ? -1 : 1);
      event.preventDefault();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => !one.disabled && one.offsetParent);
    if (!found) return;
    event.preventDefault();
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
    if (event.target.closest("[data-undo]")) undo();
  });

  if (work && document.querySelector("[data-answers]")) fetchNext();
})();
