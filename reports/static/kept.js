// What somebody typed outlives their session: it waits in this tab while they sign in again, and is theirs alone.
"use strict";
window.kept = (() => {
  const KEY = "kept";
  const here = () => location.pathname + location.search;
  const who = document.querySelector(".me b")?.textContent ?? "";
  const TYPED = "input:not([type=hidden]):not([type=password]):not([type=file]):not([type=checkbox]):not([type=radio]), textarea";
  let answered = false;
  const read = () => JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const forget = () => sessionStorage.removeItem(KEY);
  const write = (draft) => (draft.fields.length || draft.answer ? sessionStorage.setItem(KEY, JSON.stringify(draft)) : forget());

  // A field is known by its form's address, its name, and its place among those that share both.
  function* typed() {
    const seen = {};
    for (const form of document.querySelectorAll("main form[method=post]")) {
      for (const field of form.querySelectorAll(TYPED)) {
        const id = `${form.getAttribute("action")} ${field.name}`;
        seen[id] = (seen[id] ?? -1) + 1;
        yield { id: `${id} ${seen[id]}`, field };
      }
    }
  }

  // sent: it is on its way; where the session has ended, the next page is the one to sign in at.
  function keep(sent) {
    const fields = [...typed()].filter(({ field }) => field.value !== field.defaultValue);
    write({ who, address: here(), sent, fields: fields.map(({ id, field }) => ({ id, value: field.value })) });
  }

  function putBack() {
    const draft = read();
    if (!draft || draft.sent || draft.address !== here()) return;
    const left = new Map(draft.fields.map(({ id, value }) => [id, value]));
    for (const { id, field } of typed()) {
      if (!left.has(id)) continue;
      field.value = left.get(id);
      left.delete(id);
      for (let at = field.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    }
    const here_ = left.size < draft.fields.length;
    if (draft.answer) tell(`Your answer was not recorded: press it again.${here_ ? " What you typed is still here." : ""}`);
    else if (here_) tell("You are signed in again, and what you typed is still here.");
    write({ ...draft, answer: false, fields: [...left].map(([id, value]) => ({ id, value })) });
  }

  const tell = (text) => document.dispatchEvent(new CustomEvent("say", { detail: text }));

  const door = document.querySelector("[data-door]");
  const draft = read();
  if (door && draft) {
    write({ ...draft, sent: false });
    door.querySelector("[data-kept]").hidden = draft.fields.length === 0;
  } else if (who && draft && (draft.sent || draft.who !== who)) forget();
  else if (who) document.addEventListener("DOMContentLoaded", putBack); // when there is somebody to say it

  document.addEventListener("htmx:afterSettle", putBack);
  document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && read()?.sent && forget());
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[action='/sign-out']")) forget();
    else if (who && event.target.method === "post" && !event.target.matches("[data-answers]")) keep(true);
  });

  return {
    // The session ended on the way of an answer: its page's address, and what was typed there, by id.
    answer: (address, fields) => {
      answered = true;
      write({ who, address, sent: false, answer: true, fields });
    },
    // The session ended while somebody looks at a page: kept as they leave, but for an answer that was on its way.
    watch: () => window.addEventListener("pagehide", () => answered || keep(false)),
  };
})();
