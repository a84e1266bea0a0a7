// Copy buttons: <button type="button" data-copy="#id" hidden>Copy</button> copies the text of #id.
// They are hidden in the page, since without this script they could do nothing.
"use strict";

(() => {
  const announcer = document.getElementById("announcer");

  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  async function copy(source) {
    try {
      // Missing outside https and localhost; refused where the person told the browser so.
      await navigator.clipboard.writeText(source.textContent.trim());
      return ["Copied", "Copied."];
    } catch {
      select(source);
      return ["Selected", "The text is selected. Press Ctrl+C or ⌘C to copy it."];
    }
  }

  for (const button of document.querySelectorAll("button[data-copy]")) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const [said, announced] = await copy(document.querySelector(button.dataset.copy));
      button.textContent = said;
      announcer.textContent = announced;
      setTimeout(() => {
        button.textContent = label;
        announcer.textContent = "";
      }, 3000);
    });
  }
})();
