// <div id="x" data-refresh="3"> is asked for again every so many seconds, and put in anew as soon as
// the page asks for it no longer. Before that nothing changes: somebody may be reading.
"use strict";

(() => {
  const announcer = document.getElementById("announcer");

  async function again(part) {
    let found = part;
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) found = page.getElementById(part.id) ?? part;
    } catch {
      // The server may be away for a moment.
    }
    if (found !== part && found.dataset.refresh === undefined) {
      part.replaceWith(document.adoptNode(found));
      announcer.textContent = "It has ended.";
      return;
    }
    later(part);
  }

  function later(part) {
    setTimeout(() => again(part), part.dataset.refresh * 1000);
  }

  document.querySelectorAll("[data-refresh]").forEach(later);
})();
