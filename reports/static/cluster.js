// A customer's records: whoever is marked moves over, in the lists, in the drawing and in the golden records to be.
"use strict";
(() => {
  const form = document.querySelector("[data-parting]");
  if (!form) return;
  const lists = { rest: form.querySelector("[data-group=rest] ul"), marked: form.querySelector("[data-group=marked] ul") };
  const boxes = () => [...form.querySelectorAll("input[name=marked]")];
  const members = () => [...form.querySelectorAll("[data-member]")];

  function show() {
    const marked = boxes().filter((box) => box.checked);
    const rest = boxes().length - marked.length;
    for (const node of form.querySelectorAll("[data-node]"))
      node.classList.toggle("marked", marked.some((box) => box.value === node.dataset.node));
    for (const button of form.querySelectorAll("[data-needs]")) button.disabled = !marked.length || !rest;
    for (const button of form.querySelectorAll("[data-whole]")) button.disabled = marked.length > 0;
    const count = form.querySelector("[data-count]");
    if (count) count.textContent = marked.length || "";
    const part = document.querySelector("[data-part=marked]");
    if (part) part.hidden = !marked.length;
    const stay = document.querySelector("[data-part=rest] h3");
    if (stay) stay.textContent = marked.length ? "Of those that stay" : "As they stand";
  }

  function moved(box) {
    const item = box.closest("[data-member]");
    const list = box.checked ? lists.marked : lists.rest;
    const focused = document.activeElement === box;
    const after = [...list.children].find((other) => Number(other.dataset.place) > Number(item.dataset.place));
    list.insertBefore(item, after ?? null);
    if (focused) box.focus();
  }

  function mark(box, checked) {
    if (!box || box.checked === checked) return;
    box.checked = checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  form.addEventListener("change", (event) => {
    if (event.target.name !== "marked") return;
    moved(event.target);
    show();
    const name = event.target.closest("[data-member]").querySelector("bdi").textContent;
    const many = boxes().filter((box) => box.checked).length;
    form.querySelector("[data-told]").textContent = `${name} is ${event.target.checked ? "marked" : "not marked"}: ${many} of ${boxes().length} are.`;
    document.body.dispatchEvent(new CustomEvent("marked"));
  });

  form.addEventListener("click", (event) => {
    const node = event.target.closest("[data-node]");
    const box = node && boxes().find((one) => one.value === node.dataset.node);
    if (box) mark(box, !box.checked);
  });

  // --- dragging -------------------------------------------------------------------------------------------
  let dragged = null;
  for (const item of members()) {
    item.addEventListener("dragstart", (event) => {
      dragged = item;
      event.dataTransfer.setData("text/plain", item.dataset.member);
    });
  }
  for (const group of form.querySelectorAll("[data-group]")) {
    group.addEventListener("dragover", (event) => {
      event.preventDefault();
      group.classList.add("over");
    });
    group.addEventListener("dragleave", () => group.classList.remove("over"));
    group.addEventListener("drop", (event) => {
      event.preventDefault();
      group.classList.remove("over");
      mark(dragged?.querySelector("input[name=marked]"), group.dataset.group === "marked");
    });
  }
  show();
})();
