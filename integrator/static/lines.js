// <a href="#field" data-line="7"> selects line 7 of the text field and brings it into view.
"use strict";

(() => {
  for (const link of document.querySelectorAll("a[data-line]")) {
    link.addEventListener("click", (event) => {
      const field = document.querySelector(link.hash);
      const lines = field.value.split("\n");
      const index = Math.min(Number(link.dataset.line), lines.length) - 1;
      const start = lines.slice(0, index).join("\n").length + (index > 0 ? 1 : 0);
      event.preventDefault();
      field.focus({ preventScroll: true });
      field.setSelectionRange(start, start + lines[index].length);
      field.scrollIntoView({ block: "center" });
      field.scrollTop = (field.scrollHeight / lines.length) * index - field.clientHeight / 2;
    });
  }
})();
