// A field of a mapping: controls for its target, its source, its modifiers and its default, and the
// table inside it, where it has one. `table` is the one that the row stands in.
"use strict";

const MappingRow = (() => {
  const { make, button, select, read, show, nameOf, announce } = mappingParts;

  return class {
    constructor(field, table) {
      this.table = table;
      this.field = field;
      this.to = this.input("Target", field.to ?? "");
      this.isValue = "value" in field;
      const kinds = [["from", "Path"], ["value", "Value"]];
      this.kind = select(kinds, this.isValue ? "value" : "from", () => this.turn());
      this.kind.classList.add("map-kind");
      const look = { className: "form-control code value", rows: 1, spellcheck: false };
      this.source = make("textarea", look);
      this.path = this.input("Source", this.isValue ? "" : (field.from ?? ""));
      this.path.setAttribute("list", table.list.id);
      this.source.value = this.isValue ? show(field.value) : "";
      this.source.addEventListener("input", () => this.changed());
      this.other = this.input("Default", "default" in field ? show(field.default) : "");
      this.uses = (field.use ?? []).map((item) => this.use(item));
      const choices = [...table.modifiers.values()].map((each) => [each.name, each.title]);
      this.list = make("ul", { className: "map-uses" });
      this.add = select([["", "Add a modifier"], ...choices], "", () => this.addUse());
      this.inner = field.fields ? table.within(field.fields, this) : null;
      this.build();
      this.turn(false);
    }

    use(item) {
      return new MappingModifier(this.table.modifiers.get(nameOf(item)), item, this);
    }

    input(title, value) {
      const look = { className: "form-control code", spellcheck: false, autocapitalize: "none" };
      const element = make("input", { ...look, value, placeholder: title });
      element.addEventListener("input", () => this.changed());
      return element;
    }

    // With its name for the eye, which is shown where the table has no head.
    cell(label, control) {
      const element = make("div", {}, control);
      element.dataset.label = label;
      return element;
    }

    build() {
      const icon = "btn btn-secondary btn-sm rows-button";
      this.up = button("↑", "", icon, () => this.table.move(this, -1));
      this.down = button("↓", "", icon, () => this.table.move(this, 1));
      this.gone = button("×", "", icon, () => this.table.remove(this));
      this.more = button("Table inside", "", "btn btn-link btn-sm", () => this.toggleInner());
      const buttons = make("div", { className: "rows-buttons" }, this.up, this.down, this.gone);
      const to = this.cell("Target", this.to);
      const other = this.cell("Default", this.other);
      other.classList.add("map-default");
      const cells = [to, this.kind, this.path, this.source, other, buttons];
      const line = make("div", { className: "map-line" }, ...cells);
      this.below = make("div", { className: "map-below" }, this.list, this.add, this.more);
      this.element = make("li", { className: "map-row" }, line, this.below);
      if (this.inner) this.element.append(this.inner.element);
      this.list.append(...this.uses.map((use) => use.element));
    }

    turn(isAsked = true) {
      this.isValue = this.kind.value === "value";
      this.path.hidden = this.isValue;
      this.source.hidden = !this.isValue;
      if (isAsked) this.changed();
    }

    changed() {
      this.inner?.complete();
      this.table.changed();
    }

    addUse() {
      const use = this.use(this.add.value);
      this.add.value = "";
      this.uses.push(use);
      this.list.append(use.element);
      this.changed();
      (use.controls[0]?.[1] ?? this.add).focus();
    }

    moveUse(use) {
      const index = this.uses.indexOf(use);
      if (index < 1) return;
      this.uses.splice(index - 1, 2, use, this.uses[index - 1]);
      this.list.insertBefore(use.element, this.uses[index].element);
      this.changed();
      use.element.querySelector("button").focus();
      announce(`Now modifier ${index}.`);
    }

    removeUse(use) {
      this.uses = this.uses.filter((each) => each !== use);
      use.element.remove();
      this.changed();
      this.add.focus();
      announce(`${use.modifier.title} is removed.`);
    }

    toggleInner() {
      if (this.inner) {
        this.inner.element.remove();
        this.inner = null;
      } else {
        this.inner = this.table.within([{}], this);
        this.element.append(this.inner.element);
        this.inner.rows[0].to.focus();
      }
      this.changed();
    }

    number(text, isFirst, isLast) {
      const name = (word) => `${word}, row ${text}`;
      this.to.ariaLabel = name("Target");
      this.kind.ariaLabel = name("Taken from");
      this.path.ariaLabel = name("Source");
      this.source.ariaLabel = name("Value");
      this.other.ariaLabel = name("Default");
      this.add.ariaLabel = name("Add a modifier");
      this.up.ariaLabel = name("Move up");
      this.down.ariaLabel = name("Move down");
      this.gone.ariaLabel = name("Remove");
      this.more.textContent = this.inner ? "No table inside" : "Table inside";
      this.more.ariaLabel = name(this.more.textContent);
      this.up.disabled = isFirst;
      this.down.disabled = isLast;
      this.inner?.number(`${text}.`);
    }

    value() {
      const { to, from, value, use, default: other, fields, ...rest } = this.field;
      const source = this.isValue ? { value: read(this.source.value) } : { from: this.path.value };
      return {
        to: this.to.value,
        ...source,
        ...(this.uses.length ? { use: this.uses.map((each) => each.value()) } : {}),
        ...(this.other.value.trim() ? { default: read(this.other.value) } : {}),
        ...(this.inner ? { fields: this.inner.value() } : {}),
        ...rest,
      };
    }

    isEmpty() {
      return !(this.to.value || this.path.value || this.source.value || this.inner);
    }
  };
})();
