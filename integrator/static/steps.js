// The list of a flow's steps (#editor): keys on a step's title, dragging a step to a "+", and a
// question before one is deleted. All that is done is a press of one of the page's own buttons,
// which work without this script.
"use strict";

(() => {
  const form = document.getElementById("editor");
  if (!form) return;

  const titles = () => [...form.querySelectorAll(".editor-title")];
  const stepOf = (element) => element.closest("[data-step]");
  const buttonOf = (step, key) =>
    step.querySelector(`:scope > .editor-line [data-key="${key}"]:not(:disabled)`);

  // The browser focuses the title that the address names. After a deletion it may be gone: then the
  // one before it, or around.
  function nearest(id) {
    while (id) {
      const found = document.getElementById(id);
      if (found) return form.contains(found) ? found : null;
      const [, before, number] = id.match(/^(.*)-(\d+)$/) ?? [];
      if (number > 0) id = `${before}-${number - 1}`;
      else id = before?.replace(/-[a-z]+$/, "");
    }
    return null;
  }

  const id = decodeURIComponent(location.hash.slice(1));
  if (id && !document.getElementById(id)) nearest(id)?.focus();

  form.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset.ask;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  function send(operation) {
    const input = Object.assign(document.createElement("input"), {
      type: "hidden",
      name: "do",
      value: JSON.stringify(operation),
    });
    form.append(input);
    form.requestSubmit();
  }

  // Keys

  const PRESS = { c: "copy", d: "disable", Delete: "delete" };

  function go(title, by) {
    const all = titles();
    all[all.indexOf(title) + by]?.focus();
  }

  function add(step) {
    const list = step.parentElement;
    const next = step.nextElementSibling?.querySelector(":scope > .editor-add");
    (next ?? list.parentElement.querySelector(":scope > .editor-add-end")).click();
  }

  form.addEventListener("keydown", (event) => {
    const title = event.target;
    if (!title.matches(".editor-title") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = stepOf(title);
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && event.altKey) buttonOf(step, by < 0 ? "up" : "down")?.click();
    else if (by) go(title, by);
    else if (event.altKey) return;
    else if (PRESS[event.key]) buttonOf(step, PRESS[event.key])?.click();
    else if (event.key === "a") add(step);
    else return;
    event.preventDefault();
  });

  // Dragging

  let dragged = null;

  form.addEventListener("dragstart", (event) => {
    if (!event.target.matches?.(".editor-line")) return;
    dragged = stepOf(event.target);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.step);
    form.classList.add("editor-dragging");
  });

  form.addEventListener("dragend", () => {
    dragged = null;
    form.classList.remove("editor-dragging");
  });

  // The place that a step can be dropped at: not inside itself.
  function placeAt(target) {
    const place = dragged && target.closest?.("[data-into]");
    return place && !(dragged.contains(place) && stepOf(place) !== dragged) ? place : null;
  }

  for (const type of ["dragenter", "dragover"]) {
    form.addEventListener(type, (event) => {
      if (placeAt(event.target)) event.preventDefault();
    });
  }

  form.addEventListener("drop", (event) => {
    const place = placeAt(event.target);
    if (!place) return;
    event.preventDefault();
    const at = JSON.parse(dragged.dataset.step);
    const into = JSON.parse(place.dataset.into);
    let index = Number(place.dataset.index);
    const isSameList = JSON.stringify(at.slice(0, -1)) === JSON.stringify(into);
    if (isSameList && index > at.at(-1)) index -= 1; // it leaves its own place first
    if (!isSameList || index !== at.at(-1)) send(["move", at, into, index]);
  });
})();
