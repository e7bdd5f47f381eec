// Keys: `data-key` on whatever a key presses, `data-list` on a table whose links the arrows walk; ? tells those of a page.
"use strict";
(() => {
  const WORDS = { Enter: "↵", ArrowLeft: "←", ArrowRight: "→" };
  const ANSWERS = "sadrkg";

  // On a Greek or a Cyrillic keyboard it is the place of the key that counts: Σ stands where S does.
  function keyOf(event) {
    if (event.key.length > 1) return event.key;
    const foreign = event.key.codePointAt(0) > 127 && /^Key[A-Z]$/.test(event.code);
    return (foreign ? event.code[3] : event.key).toLowerCase();
  }

  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
  const seen = (one) => one.offsetParent || getComputedStyle(one).position === "fixed";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const why = event.key === "Enter" && event.target.matches("[data-why]"); // a reason is told, then a key decides
    if (why) event.preventDefault();
    if (why || (event.key === "Escape" && typing(event.target))) {
      event.target.blur();
      event.target.closest("[data-answers]")?.focus();
    }
    const give = event.target.closest("dialog .give");
    if (give) return gives(give, event);
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if ((event.key === "j" || event.key === "ArrowDown" || event.key === "ArrowUp") && document.querySelector("[data-list]")) {
      move(event.key === "ArrowUp" ? -1 : 1);
      event.preventDefault();
      return;
    }
    const key = keyOf(event);
    const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => !one.disabled && seen(one));
    if (!found) return key === "?" ? tell() : refuse(key);
    event.preventDefault();
    if (event.repeat) return; // a key that is held down decides once
    if (found.matches("input, textarea, select")) found.focus();
    else found.click();
    if (found.matches("summary")) found.focus(); // Tab goes on from what was opened
  });

  // A case that cannot be answered now says why, where somebody presses a key that would.
  function refuse(key) {
    const why = document.querySelector("[data-closed]")?.dataset.closed;
    if (why && key.length === 1 && ANSWERS.includes(key)) document.dispatchEvent(new CustomEvent("say", { detail: why }));
  }

  // To whom a case is given: a number chooses, Enter in the note gives.
  function gives(form, event) {
    if (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea, input")) {
      event.preventDefault();
      if (!event.repeat) form.requestSubmit(form.querySelector("button:not([type])"));
    } else if (/^[1-9]$/.test(event.key) && !typing(event.target)) {
      const one = form.querySelectorAll("input[name=other]")[Number(event.key) - 1];
      one?.click();
      one?.focus();
    }
  }

  function move(step) {
    const links = [...document.querySelectorAll("[data-list] th a, [data-list] td:first-child a")];
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + step))]?.focus();
  }

  // --- the keys of a page -------------------------------------------------------------------------------------
  function label(one) {
    const text = one.cloneNode(true);
    for (const key of text.querySelectorAll("kbd")) key.remove();
    const field = one.matches("input, textarea, select") ? (one.labels?.[0]?.textContent ?? one.placeholder) : "";
    return (one.title || one.ariaLabel || field || text.textContent).replace(/\s+/g, " ").trim();
  }

  function keysHere() {
    const rows = new Map();
    for (const one of document.querySelectorAll("[data-key]")) {
      const key = one.dataset.key;
      if (!seen(one) || key === "?") continue;
      if (/^[1-9]$/.test(key)) rows.set("1–9", "Mark one by its number");
      else rows.set(WORDS[key] ?? key.toUpperCase(), label(one));
    }
    if (document.querySelector("[data-list]")) rows.set("↑ ↓", "Go through the list");
    return rows.set("?", "These keys");
  }

  function made(name, content, ...more) {
    const one = document.createElement(name);
    one.append(content, ...more);
    return one;
  }

  function tell() {
    document.getElementById("keys")?.remove();
    const rows = [...keysHere()].map(([key, what]) => made("div", made("dt", made("kbd", key)), made("dd", what)));
    const list = made("dl", ...rows);
    list.className = "keys";
    const title = made("h2", "Keys");
    title.id = "keys-title";
    const close = made("form", made("button", "Close"));
    close.method = "dialog";
    const dialog = made("dialog", title, list, close);
    dialog.id = "keys";
    dialog.setAttribute("aria-labelledby", title.id);
    document.body.append(dialog);
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) document.getElementById(opener.dataset.open)?.showModal();
    if (event.target.closest("[data-keys]")) tell();
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  });
})();
