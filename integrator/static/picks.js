// Each <code data-pick="steps.order.data.id"> becomes a button that writes {{ steps.order.data.id }}
// where the cursor was last, in a field for values; inside of braces, only what stands in them.
// Ctrl+Space in such a field goes to the values, and the choice of one goes back, or Escape.
"use strict";

(() => {
  const FIELDS = ".step-form textarea.value, .step-form .rows-table td:not([data-label='Name']) textarea";
  const announcer = document.getElementById("announcer");
  let last = null;

  document.addEventListener("focusin", (event) => {
    if (event.target.matches(FIELDS)) last = event.target;
  });

  function insert(path) {
    const visible = [...document.querySelectorAll(FIELDS)].filter((field) => field.offsetParent);
    const field = last?.isConnected ? last : visible[0];
    if (!field) return;
    const before = field.value.slice(0, field.selectionStart);
    const isInside = before.lastIndexOf("{{") > before.lastIndexOf("}}");
    field.focus();
    field.setRangeText(
      isInside ? path : `{{ ${path} }}`,
      field.selectionStart,
      field.selectionEnd,
      "end",
    );
    field.dispatchEvent(new Event("input", { bubbles: true }));
    announcer.textContent = `${path} is inserted.`;
  }

  for (const code of document.querySelectorAll("[data-pick]")) {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "pick",
      title: "Insert",
    });
    code.replaceWith(button);
    button.append(code);
    button.addEventListener("click", () => insert(code.dataset.pick));
  }

  const picks = document.querySelector(".picks");
  const search = Object.assign(document.createElement("input"), {
    type: "search",
    className: "form-control",
    placeholder: "Find a value",
    ariaLabel: "Find a value",
    autocomplete: "off",
  });
  picks.querySelector("h2").after(search);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !search.value && last?.isConnected) last.focus();
    if (event.key !== "Enter") return;
    event.preventDefault(); // or it would be typed in the field
    picks.querySelector("li:not([hidden]) > .pick")?.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.ctrlKey || !event.target.matches(FIELDS)) return;
    event.preventDefault();
    search.focus();
  });
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    for (const group of picks.querySelectorAll(".picks-group")) {
      const items = [...group.querySelectorAll("li")];
      for (const item of items) item.hidden = !item.textContent.toLowerCase().includes(wanted);
      group.hidden = items.every((item) => item.hidden);
    }
  });
})();
