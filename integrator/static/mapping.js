// <textarea data-map-fields="[modifiers]">, a field a line as JSON, becomes a table to fill in. The
// textarea stays the control that is sent, and is in step with the table after every key; "Edit as
// text" shows it. Paths are completed from the JSON of <textarea data-map-sample>.
"use strict";

(() => {
  const textarea = document.querySelector("textarea[data-map-fields]");
  if (!textarea) return;
  const { make, button, parsed, isObject, nameOf, announce, namesOf, found, paths } = mappingParts;
  const told = JSON.parse(textarea.dataset.mapFields);
  const MODIFIERS = new Map(told.map((each) => [each.name, each]));
  const SMALL = "btn btn-secondary btn-sm";
  const HEADS = ["Target", "Taken from", "Source", "Default"];
  const MOST_PATHS = 200;
  const sample = document.querySelector("textarea[data-map-sample]");
  let lists = 0;

  class Table {
    constructor(fields, root, parent = null) {
      this.root = root;
      this.parent = parent;
      this.modifiers = MODIFIERS;
      this.list = make("datalist", { id: `map-paths-${(lists += 1)}` });
      this.rows = fields.map((field) => new MappingRow(field, this));
      this.body = make("ol", { className: "map-rows" }, ...this.rows.map((row) => row.element));
      this.add = button("Add field", "", SMALL, () => this.addRow().to.focus());
      const actions = make("div", { className: "rows-actions" }, this.add);
      const className = parent ? "map-inner" : "";
      this.element = make("div", { className }, this.list, ...this.heads(), this.body, actions);
    }

    // For the eye; each control tells by itself what it is.
    heads() {
      if (this.parent) return [];
      const cells = HEADS.map((textContent) => make("span", { textContent }));
      return [make("div", { className: "map-line map-head", ariaHidden: "true" }, ...cells)];
    }

    within(fields, row) {
      return new Table(fields, this.root, row);
    }

    sample() {
      const value = this.parent ? this.parent.table.sample() : parsed(sample?.value ?? "");
      return this.parent ? found(value, namesOf(this.parent.path.value)) : value;
    }

    complete() {
      const all = [];
      for (const path of paths(this.sample())) if (all.push(path) >= MOST_PATHS) break;
      this.list.replaceChildren(...all.map((value) => make("option", { value })));
      for (const row of this.rows) row.inner?.complete();
    }

    changed() {
      this.root.changed();
    }

    addRow() {
      const row = new MappingRow({}, this);
      this.rows.push(row);
      this.body.append(row.element);
      this.changed();
      return row;
    }

    move(row, by) {
      const index = this.rows.indexOf(row);
      const other = this.rows[index + by];
      if (!other) return;
      const focused = document.activeElement;
      this.rows[index] = other;
      this.rows[index + by] = row;
      if (by < 0) other.element.before(row.element);
      else other.element.after(row.element);
      this.changed();
      (focused.disabled ? row.gone : focused).focus();
      announce(`Now row ${index + by + 1}.`);
    }

    remove(row) {
      const index = this.rows.indexOf(row);
      this.rows.splice(index, 1);
      row.element.remove();
      this.changed();
      (this.rows[Math.min(index, this.rows.length - 1)]?.gone ?? this.add).focus();
      announce("The row is removed.");
    }

    number(before = "") {
      this.add.ariaLabel = before ? `Add field, in row ${before.slice(0, -1)}` : "Add field";
      const last = this.rows.length - 1;
      this.rows.forEach((row, index) => {
        row.number(`${before}${index + 1}`, index === 0, index === last);
      });
    }

    value() {
      return this.rows.filter((row) => !row.isEmpty()).map((row) => row.value());
    }
  }

  function isField(field) {
    return (
      isObject(field) &&
      ["to", "from"].every((key) => typeof (field[key] ?? "") === "string") &&
      [field.use ?? [], field.fields ?? []].every(Array.isArray) &&
      (field.use ?? []).every((item) => MODIFIERS.has(nameOf(item))) &&
      (field.fields ?? []).every(isField)
    );
  }

  // The whole: the table and the text of it, of which one is shown.
  class Fields {
    constructor() {
      this.back = button("Edit as table", "", "btn btn-link btn-sm", () => this.toTable());
      this.bulk = button("Edit as text", "", "btn btn-link btn-sm", () => this.toText());
      this.fault = make("div", { className: "invalid-feedback", role: "alert" });
      textarea.after(this.fault, this.back);
      this.toTable(false);
      this.fault.textContent = "";
      sample?.addEventListener("input", () => this.table?.complete());
    }

    toTable(isAsked = true) {
      const lines = textarea.value.split("\n").filter((line) => line.trim());
      const fields = lines.map((line) => parsed(line.replace(/^- /, "")));
      const bad = fields.findIndex((field) => !isField(field));
      const sentence = `Line ${bad + 1} is no field as JSON yet. It can be saved as text.`;
      this.fault.textContent = bad < 0 ? "" : sentence;
      this.back.hidden = bad < 0;
      textarea.hidden = bad < 0;
      if (bad >= 0) return;
      this.table = new Table(fields.length ? fields : [{}], this);
      this.table.element.querySelector(":scope > .rows-actions").append(this.bulk);
      textarea.before(this.table.element);
      this.table.number();
      this.table.complete();
      if (isAsked) this.bulk.focus();
    }

    toText() {
      this.table.element.remove();
      this.table = null;
      textarea.hidden = this.back.hidden = false;
      textarea.focus();
    }

    changed() {
      if (!this.table) return; // being made
      this.table.number();
      const lines = this.table.value().map((field) => `- ${JSON.stringify(field)}`);
      textarea.value = lines.join("\n");
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  new Fields();
})();
