// Makes pages quicker for people with a keyboard and a browser that runs this; everything works without it.
"use strict";

/** Sort the rows that are shown by the column that was pressed; numbers by their value in `data-value`. */
function sortable(table) {
  for (const head of table.querySelectorAll("thead th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const place = [...head.parentNode.children].indexOf(head);
      const value = (row) => row.children[place].dataset.value ?? row.children[place].textContent.trim();
      const rows = [...table.tBodies[0].rows];
      const numbers = head.dataset.sort === "number";
      rows.sort((a, b) => numbers ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b), document.documentElement.lang));
      table.tBodies[0].append(...(down ? rows.reverse() : rows));
    });
  }
}

/** J and K walk through the rows, X ticks one, Enter opens its first link. */
function walkable(table) {
  let here = -1;
  const rows = () => [...table.tBodies[0].rows];
  const go = (to) => {
    rows()[here]?.classList.remove("here");
    here = Math.max(0, Math.min(to, rows().length - 1));
    const row = rows()[here];
    row?.classList.add("here");
    row?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea, dialog, button, a")) return;
    const row = rows()[here];
    if (event.key === "j") go(here + 1);
    else if (event.key === "k") go(here - 1);
    else if (event.key === "x") row?.querySelector("input[type=checkbox]")?.click();
    else if (event.key === "Enter") row?.querySelector("a")?.click();
    else if (event.key === "?") document.getElementById("keys")?.showModal();
    else return;
    event.preventDefault();
  });
}

/** One box ticks all; the number of ticked rows is said where the form shows it. */
function tickable(form) {
  const all = form.querySelector("input[data-all]");
  const boxes = () => [...form.querySelectorAll("tbody input[type=checkbox]")];
  const say = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    for (const place of form.querySelectorAll("[data-ticked]")) place.textContent = String(ticked);
    for (const button of form.querySelectorAll("[data-needs-tick]")) button.disabled = ticked === 0;
  };
  all?.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; say(); });
  form.addEventListener("change", say);
  say();
}

/** Ask for progress until the work is over, then show what it did; a server that is away for a moment is asked again. */
function watch(place) {
  const bar = place.querySelector("progress");
  const words = place.querySelector("[data-progress-words]");
  const ask = async () => {
    const answer = await fetch(place.dataset.progress, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer || answer.status >= 500) { setTimeout(ask, 5000); return; }
    if (!answer.ok) return;
    const found = await answer.json();
    if (found.total) { bar.max = found.total; bar.value = found.done; }
    words.textContent = found.words;
    if (found.over) location.replace(location.pathname);
    else setTimeout(ask, 1500);
  };
  ask();
}

for (const table of document.querySelectorAll("table.sortable")) sortable(table);
const walked = document.querySelector("table.walkable");
if (walked) walkable(walked);
for (const form of document.querySelectorAll("form.tickable")) tickable(form);
for (const place of document.querySelectorAll("[data-progress]")) watch(place);
// What is folded on the screen is read on paper, and folded again after.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details:not([open])")) { each.open = true; each.dataset.unfolded = ""; }
});
addEventListener("afterprint", () => {
  for (const each of document.querySelectorAll("details[data-unfolded]")) { each.open = false; delete each.dataset.unfolded; }
});
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
for (const button of document.querySelectorAll("[data-opens]")) {
  button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal());
}
for (const button of document.querySelectorAll("dialog [data-closes]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
// A form is sent once, however often the button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; }));
}
// What is to be corrected is named as its field is.
for (const link of document.querySelectorAll('.note.error a[href^="#field-"]')) {
  const label = document.getElementById(link.hash.slice(1))?.querySelector("label, legend");
  if (label) link.prepend(`${label.textContent.trim()} · `);
}
document.querySelector(".note.error")?.focus();
