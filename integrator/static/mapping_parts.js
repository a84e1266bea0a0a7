// What the editor of mappings is made of: controls, values as people write them (JSON is that
// value, all else is text: written_values.py's rule) and paths (paths.py's).
"use strict";

const mappingParts = (() => {
  const PLAIN = /^[\p{L}\p{N}_@#:-]+$/u;
  const NAMES = /"(?:[^"\\]|\\.)*"|`[^`]*`|[\p{L}\p{N}_@#:-]+(?=\[|\.|\s|$)/gu;
  const MOST_LEVELS = 5; // of a path

  function make(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  function button(text, label, className, action) {
    const element = make("button", { type: "button", className, textContent: text });
    if (label) element.ariaLabel = label;
    element.addEventListener("click", action);
    return element;
  }

  function select(options, value, action) {
    const items = options.map(([name, text]) => make("option", { value: name, textContent: text }));
    const element = make("select", { className: "form-select" }, ...items);
    element.value = value;
    element.addEventListener("change", action);
    return element;
  }

  function parsed(text) {
    try {
      const value = JSON.parse(text);
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : value;
    } catch {
      return undefined;
    }
  }

  function read(text) {
    return parsed(text) ?? (text.trim() === "null" ? null : text.trim());
  }

  function show(value) {
    if (typeof value !== "string") return JSON.stringify(value);
    const isPlain = value && value === value.trim() && parsed(value) === undefined;
    return isPlain && !/^(\[|\{(?!\{))|\r/.test(value) ? value : JSON.stringify(value);
  }

  // A table to look up in: a line a pair, `DE = Germany`, or else JSON.
  function showTable(table) {
    const pairs = Object.entries(table ?? {}).map(([key, value]) => [key, show(value)]);
    const isPlain = pairs.every(
      ([key, text]) => key === key.trim() && !/^\{|=|\n/.test(key) && !text.includes("\n"),
    );
    return isPlain ? pairs.map((pair) => pair.join(" = ")).join("\n") : JSON.stringify(table);
  }

  function readTable(text) {
    if (text.trim().startsWith("{")) return read(text);
    const pairs = text.split("\n").filter((line) => line.trim());
    return Object.fromEntries(
      pairs.map((line) => {
        const [key, ...rest] = line.split("=");
        return [key.trim(), read(rest.join("="))];
      }),
    );
  }

  // Of a modifier, alone or with arguments.
  function nameOf(item) {
    return isObject(item) ? Object.keys(item).join() : item;
  }

  function announce(text) {
    document.getElementById("announcer").textContent = text;
  }

  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

  // The names of a path, without what it takes of lists.
  function namesOf(path) {
    return (path.match(NAMES) ?? []).map((name) =>
      name[0] === '"' ? String(parsed(name) ?? "") : name[0] === "`" ? name.slice(1, -1) : name,
    );
  }

  function found(value, names) {
    const one = Array.isArray(value) ? value[0] : value;
    if (!names.length) return one;
    return isObject(one) ? found(one[names[0]], names.slice(1)) : undefined;
  }

  function* paths(value, before = "", level = 0) {
    const one = Array.isArray(value) ? value[0] : value;
    if (!isObject(one) || level === MOST_LEVELS) return;
    for (const [name, inner] of Object.entries(one)) {
      const path = before + (PLAIN.test(name) ? name : JSON.stringify(name));
      yield path;
      yield* paths(inner, `${path}.`, level + 1);
    }
  }

  const controls = { make, button, select, nameOf, announce };
  const values = { parsed, read, show, showTable, readTable, isObject };
  return { ...controls, ...values, namesOf, found, paths };
})();
