// Shows the datasets that have every word of the filter in their row, their department or their fields.
"use strict";

const form = document.querySelector(".filter");
const input = document.getElementById("filter");
const told = document.getElementById("found");

function wordsOf(element) {
  return (element.dataset.words + " " + element.textContent).toLowerCase();
}

const groups = Array.from(document.querySelectorAll(".group"), (group) => ({
  element: group,
  words: group.dataset.words.toLowerCase(),
  rows: Array.from(group.querySelectorAll("tbody tr"), (row) => ({ element: row, words: wordsOf(row) })),
}));

function filter() {
  const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const group of groups) {
    let shown = 0;
    for (const row of group.rows) {
      const fits = wanted.every((word) => row.words.includes(word) || group.words.includes(word));
      row.element.hidden = !fits;
      shown += fits;
    }
    group.element.hidden = shown === 0;
    found += shown;
  }
  told.textContent = wanted.length ? `找到 ${found} 个数据集 · ${found} found` : "";
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("input", filter);
filter(); // a browser may bring back what was typed before
