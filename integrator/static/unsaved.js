// Asks before a page is left on which something was typed and not saved: <form data-guard>. With
// data-guard="unsaved" the form holds something unsaved from the start.
"use strict";

(() => {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const typed = () => new URLSearchParams(new FormData(form)).toString();
    const before = typed();
    let isSent = false;

    form.addEventListener("submit", () => {
      isSent = true;
    });
    // The browser may show the page again as it was left.
    window.addEventListener("pageshow", () => {
      isSent = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (!isSent && (form.dataset.guard === "unsaved" || typed() !== before)) {
        event.preventDefault();
      }
    });
  }
})();
