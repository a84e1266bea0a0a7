// <section data-preview="url"> shows, after each change of the form around it, what its table makes
// of the sample: the server answers {"made": text or null, "faults": [text], "sample": text}. Where
// the step maps something else, a sample that nobody has changed is found anew by the server.
"use strict";

(() => {
  const section = document.querySelector("[data-preview]");
  if (!section) return;
  const WAIT = 400; // milliseconds without a change
  const form = section.closest("form");
  const made = section.querySelector("[data-preview-made]");
  const faults = section.querySelector("[data-preview-faults]");
  let timer = 0;
  let asked = new AbortController();
  let before = "";
  const { sample } = form.elements;
  let source = form.elements.source.value;
  let filled = sample.value; // as the server gave it

  function show(text, sentences) {
    made.textContent = text ?? "";
    made.hidden = text === null;
    faults.replaceChildren(
      ...sentences.map((sentence) =>
        Object.assign(document.createElement("div"), { textContent: sentence }),
      ),
    );
    faults.hidden = !sentences.length;
  }

  async function ask() {
    const data = new FormData(form);
    const isOurs = sample.value === filled;
    if (isOurs && data.get("source") !== source) data.set("sample", "");
    const now = JSON.stringify(["table", "source", "sample"].map((name) => data.get(name)));
    if (now === before) return;
    before = now;
    asked.abort();
    asked = new AbortController();
    try {
      const options = { method: "POST", body: data, signal: asked.signal };
      const answer = await fetch(section.dataset.preview, options);
      const found = await answer.json();
      show(found.made, found.faults);
      source = data.get("source");
      if (isOurs && sample.value === filled && found.sample !== filled) {
        sample.value = filled = found.sample;
        sample.dispatchEvent(new Event("input", { bubbles: true })); // paths are completed from it
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      before = "";
      show(null, ["There is no preview now. Reload the page, or save the step."]);
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  if (sample.value) ask();
})();
