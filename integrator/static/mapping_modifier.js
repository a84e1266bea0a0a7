// A modifier of a field, with controls for its arguments. `modifier` is what the server tells of
// it, `item` the name, or an object of the name and its arguments.
"use strict";

const MappingModifier = (() => {
  const { make, button, select, read, show, showTable, readTable, isObject } = mappingParts;
  const READ = ["any", "whole", "number", "nonzero"];

  return class {
    constructor(modifier, item, row) {
      this.modifier = modifier;
      this.item = item; // as it was written, until it is changed
      const given = this.named(item[modifier.name]);
      this.controls = this.modifier.arguments.map((argument) => this.control(argument, given, row));
      const parts = this.controls.map(([argument, control]) =>
        make("label", { className: "map-argument" }, `${argument.title} `, control),
      );
      const icon = "btn btn-link btn-sm map-icon";
      this.element = make(
        "li",
        { className: "map-use", title: this.modifier.about },
        make("span", { className: "map-use-name", textContent: this.modifier.title }),
        ...parts,
        button("←", `Move ${this.modifier.title} to the left`, icon, () => row.moveUse(this)),
        button("×", `Remove ${this.modifier.title}`, icon, () => row.removeUse(this)),
      );
    }

    named(given) {
      if (isObject(given)) return given;
      const values = given === undefined || given === null ? [] : [given].flat();
      const names = this.modifier.arguments.map((argument) => argument.name);
      return Object.fromEntries(values.map((value, index) => [names[index], value]));
    }

    control(argument, given, row) {
      const value = given[argument.name] ?? (argument.required ? undefined : argument.default);
      const action = () => {
        this.item = null;
        row.table.changed();
      };
      if (argument.kind === "choice") {
        const choices = argument.choices.map((choice) => [choice, choice]);
        return [argument, select(choices, value ?? argument.choices[0], action)];
      }
      const isTable = argument.kind === "table";
      const look = { className: "form-control", spellcheck: false };
      const control = make(isTable ? "textarea" : "input", look);
      if (isTable) Object.assign(control, { rows: 2, placeholder: "DE = Germany" });
      control.value = this.shown(argument, value);
      control.addEventListener("input", action);
      return [argument, control];
    }

    shown(argument, value) {
      if (argument.kind === "table") return showTable(value);
      return argument.kind === "any" && (value ?? null) !== null ? show(value) : (value ?? "");
    }

    value() {
      if (this.item !== null) return this.item;
      const given = {};
      for (const [argument, control] of this.controls) {
        const text = control.value;
        if (!argument.required && text === String(argument.default ?? "")) continue;
        if (argument.kind === "table") given[argument.name] = readTable(text);
        else if (READ.includes(argument.kind)) given[argument.name] = read(text);
        else given[argument.name] = text;
      }
      const { name } = this.modifier;
      const [first, ...others] = Object.entries(given);
      if (!first) return name;
      const isFirst = !others.length && first[0] === this.modifier.arguments[0].name;
      return { [name]: isFirst && typeof first[1] !== "object" ? first[1] : given };
    }
  };
})();
