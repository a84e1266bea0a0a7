// Each <textarea data-rows> of `label::key::value` lines becomes a table to fill in. The textarea
// stays the control that is sent, and is in step with the table after every key; "Bulk edit" shows
// it. data-rows="files" has two columns more, data-rows="named" has no labels: `name::value`. The
// rule of the lines is rows_field.py's.
"use strict";

(() => {
  const COLUMNS = ["Label", "Key", "Value"];
  const FILE_COLUMNS = [...COLUMNS, "File name", "Content type"];
  const NAMED_COLUMNS = ["Name", "Value"];
  const KINDS = { "": COLUMNS, files: FILE_COLUMNS, named: NAMED_COLUMNS };
  const MEANS = { "\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\:": ":" };
  const announcer = document.getElementById("announcer");

  function split(line, most) {
    const parts = [""];
    for (const piece of line.match(/\\[\\nr:]|::|[^\\:]+|[^]/gu) ?? []) {
      if (piece === "::" && parts.length < most) parts.push("");
      else parts[parts.length - 1] += MEANS[piece] ?? piece;
    }
    return parts.length === 2 && most > 2 ? ["", ...parts] : parts;
  }

  function join(texts) {
    const breaks = (text) => text.replaceAll("\n", "\\n").replaceAll("\r", "\\r");
    const parts = texts.map((text, index) =>
      index === texts.length - 1
        ? breaks(text.replace(/\\(?=[\\nr:\n\r])/g, "\\\\"))
        : breaks(text.replace(/\\(?=[\\nr:\n\r]|$)/g, "\\\\")).replace(/:(?=:|$)/g, "\\:"),
    );
    while (parts.length > COLUMNS.length && !parts[parts.length - 1]) parts.pop();
    return parts.join("::");
  }

  function make(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  function button(text, more, className, action) {
    const hidden = make("span", { className: "visually-hidden", textContent: ` ${more}` });
    const element = make("button", { type: "button", className }, text, more ? hidden : "");
    element.addEventListener("click", action);
    return element;
  }

  class Rows {
    constructor(textarea) {
      this.textarea = textarea;
      this.label = document.querySelector(`label[for="${textarea.id}"]`);
      this.name = this.label?.firstChild.textContent.trim() ?? "rows";
      this.columns = KINDS[textarea.dataset.rows];
      this.least = Math.min(COLUMNS.length, this.columns.length);
      this.shape = this.least < COLUMNS.length ? "name::value" : "label::key::value";
      this.build();
      this.show(this.toTable());
      this.fault.textContent = ""; // the server has told it
    }

    build() {
      const heads = this.columns.map((text) => make("th", { scope: "col", textContent: text }));
      const last = make("th", { scope: "col" });
      last.append(make("span", { className: "visually-hidden", textContent: "Actions" }));
      this.body = make("tbody");
      this.head = make("thead", {}, make("tr", {}, ...heads, last));
      const label = `${this.name}: rows`;
      this.table = make("table", { className: "rows-table", ariaLabel: label }, this.head, this.body);
      this.table.classList.toggle("rows-table-files", this.columns === FILE_COLUMNS);
      this.table.classList.toggle("rows-table-named", this.columns === NAMED_COLUMNS);
      const secondary = "btn btn-secondary btn-sm";
      this.add = button("Add row", `to ${this.name}`, secondary, () => this.addRow().focus());
      this.bulk = button("Bulk edit", this.name, "btn btn-link btn-sm", () => this.toText());
      this.back = button("Edit as table", this.name, "btn btn-link btn-sm", () => {
        if (this.toTable()) this.show(true, this.bulk);
      });
      const hint = `One row a line: ${this.textarea.placeholder}. In a text, \\n is a line break.`;
      this.hint = make("div", { className: "form-text", textContent: hint });
      this.fault = make("div", { className: "invalid-feedback", role: "alert" });
      const actions = make("div", { className: "rows-actions" }, this.add, this.bulk, this.back);
      this.textarea.before(this.table);
      this.textarea.after(this.fault, this.hint, actions);
      this.label?.addEventListener("click", () => {
        if (this.textarea.hidden) (this.body.querySelector("textarea") ?? this.add).focus();
      });
    }

    // Shows the table or the text, and moves the focus when a person asked for it.
    show(table, focus) {
      this.table.hidden = this.add.hidden = this.bulk.hidden = !table;
      this.textarea.hidden = this.hint.hidden = this.back.hidden = table;
      focus?.focus();
    }

    toText() {
      this.write();
      this.show(false, this.textarea);
    }

    // Fills the table from the text; false, with a sentence, where a line is none.
    toTable() {
      const lines = this.textarea.value.split("\n").filter((line) => line.trim());
      const rows = lines.map((line) => split(line, this.columns.length));
      const bad = rows.findIndex((parts) => parts.length < this.least);
      this.fault.textContent =
        bad < 0 ? "" : `Row ${bad + 1} is no row yet: write ${this.shape}.`;
      if (bad >= 0) return false;
      if (!rows.length && this.textarea.required) rows.push([]); // one to begin with
      this.body.replaceChildren(...rows.map((parts) => this.row(parts)));
      this.number();
      return true;
    }

    row(parts = []) {
      const row = make("tr");
      this.columns.forEach((column, index) => {
        const cell = make("textarea", { className: "form-control", rows: 1, spellcheck: false });
        cell.text = cell.value = parts[index] ?? "";
        cell.addEventListener("input", () => {
          cell.text = cell.value; // not before: a control turns a carriage return into a line break
          this.write();
        });
        cell.addEventListener("keydown", (event) => this.pressed(event, row, index));
        const shown = make("td", {}, cell);
        shown.dataset.label = column;
        row.append(shown);
      });
      const icon = "btn btn-secondary btn-sm rows-button";
      const buttons = [
        button("↑", "", icon, () => this.move(row, -1)),
        button("↓", "", icon, () => this.move(row, 1)),
        button("×", "", icon, () => this.remove(row)),
      ];
      row.append(make("td", { className: "rows-buttons" }, ...buttons));
      return row;
    }

    cells(row) {
      return [...row.querySelectorAll("textarea")];
    }

    // Gives the control to fill in first: the label is the least needed.
    addRow(after = null) {
      const row = this.row();
      if (after) after.after(row);
      else this.body.append(row);
      this.number();
      this.write();
      return this.cells(row)[this.columns === NAMED_COLUMNS ? 0 : 1];
    }

    move(row, by) {
      const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
      if (!other) return;
      const focused = document.activeElement;
      if (by < 0) other.before(row);
      else other.after(row);
      this.number();
      this.write();
      if (focused.disabled) row.querySelector("button:not(:disabled)").focus();
      else focused.focus();
      announcer.textContent = `Now row ${[...this.body.rows].indexOf(row) + 1}.`;
    }

    remove(row) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      this.number();
      this.write();
      (next?.querySelector("button:last-child") ?? this.add).focus();
      announcer.textContent = "The row is removed.";
    }

    // Enter goes down the column, as in a spreadsheet; Shift+Enter breaks the line. Alt+↑ and
    // Alt+↓ move the row.
    pressed(event, row, index) {
      if (event.isComposing) return;
      if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
        event.preventDefault();
        this.move(row, event.key === "ArrowUp" ? -1 : 1);
      } else if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        const next = row.nextElementSibling;
        (next ? this.cells(next)[index] : this.addRow()).focus();
      }
    }

    // Names each control after its row, and shows only what can be done.
    number() {
      const rows = [...this.body.rows];
      this.head.hidden = !rows.length;
      rows.forEach((row, index) => {
        const of = `row ${index + 1} of ${this.name}`;
        this.cells(row).forEach((cell, column) => {
          cell.ariaLabel = `${this.columns[column]}, ${of}`;
        });
        const [up, down, remove] = row.querySelectorAll("button");
        up.ariaLabel = `Move up ${of}`;
        down.ariaLabel = `Move down ${of}`;
        remove.ariaLabel = `Remove ${of}`;
        up.disabled = index === 0;
        down.disabled = index === rows.length - 1;
      });
    }

    write() {
      const rows = [...this.body.rows].map((row) => this.cells(row).map((cell) => cell.text));
      this.textarea.value = rows.filter((texts) => texts.some(Boolean)).map(join).join("\n");
    }
  }

  for (const textarea of document.querySelectorAll("textarea[data-rows]")) new Rows(textarea);
})();
