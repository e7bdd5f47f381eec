// Marking rows of a list: X or Space where one stands, a box for all of the page, and how many are marked.
"use strict";
(() => {
  const list = document.querySelector("[data-list]");
  const boxes = [...list.querySelectorAll("input[type=checkbox]")];
  const every = document.querySelector("[data-marks-all] input");
  const form = boxes[0].form;
  const many = form.querySelector("[data-marked]");

  function count() {
    const marked = boxes.filter((box) => box.checked).length;
    many.textContent = marked || "";
    form.querySelector("button").disabled = !marked;
    every.checked = marked === boxes.length;
    every.indeterminate = marked > 0 && marked < boxes.length;
  }

  // The key marks the row in which one stands: keys.js presses whatever has it.
  list.addEventListener("focusin", (event) => {
    for (const one of list.querySelectorAll("[data-key=x]")) delete one.dataset.key;
    event.target.closest("tr").querySelector(".mark").dataset.key = "x";
  });
  list.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("th a")) return;
    event.preventDefault(); // or the page scrolls
    event.target.closest("tr").querySelector(".mark").click();
  });
  // All of the cell is the box; the focus stays where it is.
  document.addEventListener("click", (event) => {
    if (event.target.matches(".mark")) event.target.querySelector("input").click();
  });
  every.addEventListener("change", () => {
    for (const box of boxes) box.checked = every.checked;
    count();
  });
  list.addEventListener("change", count);
  every.hidden = false;
  count();
})();
