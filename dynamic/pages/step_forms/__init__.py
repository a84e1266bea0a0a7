"""The forms of steps, a module a kind; `kinds` tells which there are."""
