"""Tables of source field, modifiers and target field, made into JSONata."""
