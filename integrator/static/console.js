// Calls a pipe from its test page (pages/pipe_console.py), as any caller would: without the session,
// with the key that was typed in. The key goes to the listener and nowhere else.
"use strict";

(() => {
  const MOST_SHOWN = 20000; // characters of the answer
  const TRIES = 12; // for the run: that of a read is recorded a moment after its answer
  const form = document.getElementById("console");
  const button = form.querySelector("button[type=submit]");
  const field = (name) => form.elements.namedItem(name).value;
  const part = (name) => document.getElementById(name);

  function headers() {
    const made = new Headers();
    for (const line of field("headers").split("\n")) {
      const at = line.indexOf(":");
      if (line.trim() !== "" && at < 1) throw new TypeError(`“${line.trim()}” is no header.`);
      if (at > 0) made.append(line.slice(0, at).trim(), line.slice(at + 1).trim());
    }
    made.set("Authorization", `Bearer ${field("key").trim()}`);
    return made;
  }

  function request() {
    const method = field("method");
    const query = field("query").trim().replace(/^\?/, "");
    const bare = method === "GET" || method === "HEAD";
    const body = bare || field("body") === "" ? undefined : field("body");
    const url = form.dataset.url + (query === "" ? "" : `?${query}`);
    return [url, { method, headers: headers(), body, credentials: "omit", cache: "no-store" }];
  }

  function written(answer, text) {
    const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
    const cut = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}\n…` : text;
    return `${lines.join("\n")}\n\n${cut}`.trim();
  }

  async function call() {
    const began = performance.now();
    const answer = await fetch(...request());
    const text = await answer.text();
    const ms = Math.round(performance.now() - began);
    part("answer-line").textContent = `HTTP ${answer.status}, after ${ms} ms.`;
    part("answer-text").textContent = written(answer, text);
    part("answer-text").hidden = false;
    const run = answer.headers.get("Run-Id");
    if (run !== null) await showTrace(run);
  }

  async function showTrace(run) {
    const url = form.dataset.trace.replace(/0{24}\/$/, `${run}/`);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const page = await fetch(url);
      if (page.status === 200) {
        // Our own template's markup, in which all values are escaped.
        part("answer-trace").innerHTML = await page.text();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    part("answer-trace").textContent = "The run is not recorded yet; see the pipe's last runs.";
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    part("answer").hidden = false;
    part("answer-line").textContent = "It is being called …";
    part("answer-text").hidden = true;
    part("answer-trace").textContent = "";
    try {
      await call();
    } catch (error) {
      part("answer-line").textContent = `It could not be called. ${error.message}`;
    }
    button.disabled = false;
    part("answer").scrollIntoView({ block: "nearest" });
  });
  button.hidden = false;
  button.disabled = false;
})();
