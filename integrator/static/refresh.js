// <div id="x" data-refresh="1.5" data-seen="…"> is asked for again every so many seconds, with what
// was seen of it; an answer without content says that nothing is new. What has [data-live] in it is
// put in anew, and all of it as soon as the page asks for it no longer. Nothing is asked for while
// the page is hidden.
"use strict";

(() => {
  const announcer = document.getElementById("announcer");
  const chosen = new Map(); // which <details> somebody opened (true) or closed, by name

  function nameOf(details) {
    const names = [];
    for (let one = details; one; one = one.parentElement.closest("details")) {
      names.push(one.querySelector("summary").textContent.trim());
    }
    return names.join(" < ");
  }

  // Somebody marks a text, or scrolls in one.
  function isBeingRead(part) {
    const selection = getSelection();
    const marked = !selection.isCollapsed && part.contains(selection.anchorNode);
    return marked || (part.contains(document.activeElement) && document.activeElement.matches("pre"));
  }

  function put(old, fresh) {
    const focused = old.contains(document.activeElement) && document.activeElement.closest("summary");
    const focusedName = focused ? nameOf(focused.parentElement) : "";
    old.replaceWith(fresh);
    for (const details of fresh.querySelectorAll("details")) {
      const name = nameOf(details);
      if (chosen.has(name)) details.open = chosen.get(name);
      if (name === focusedName) details.querySelector("summary").focus({ preventScroll: true });
    }
  }

  async function asked(part) {
    try {
      const answer = await fetch(`?seen=${encodeURIComponent(part.dataset.seen)}`);
      if (answer.status !== 200) return null;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return page.getElementById(part.id);
    } catch {
      return null; // the server may be away for a moment
    }
  }

  async function again(part) {
    const found = await asked(part);
    if (found && found.dataset.refresh === undefined) {
      put(part, document.adoptNode(found));
      announcer.textContent = "It has ended.";
      return;
    }
    if (found && !isBeingRead(part)) {
      for (const old of part.querySelectorAll("[data-live]")) {
        const fresh = found.querySelector(`#${old.id}`);
        if (fresh) put(old, document.adoptNode(fresh));
      }
      part.dataset.seen = found.dataset.seen;
    }
    later(part);
  }

  function later(part) {
    setTimeout(() => {
      if (!document.hidden) again(part);
      else document.addEventListener("visibilitychange", () => again(part), { once: true });
    }, part.dataset.refresh * 1000);
  }

  for (const part of document.querySelectorAll("[data-refresh]")) {
    part.addEventListener("click", (event) => {
      const details = event.target.closest("summary")?.parentElement;
      if (details) chosen.set(nameOf(details), !details.open);
    });
    later(part);
  }
})();
