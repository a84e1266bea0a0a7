"""Bundles: systems, API calls, flows and pipes as one YAML file.

Importing is idempotent: what is there under the same slug (a pipe: the same name) is brought to
what the file says, a flow gets a new version only where its document changed, and nothing is
removed. `${NAME}` in a system's values is taken from the environment, so that a bundle need not
hold a secret. All or nothing: where anything is wrong, nothing is changed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.models import User
from dynamic.flow.document import Document, parse
from dynamic.flow.problems import DocumentInvalid, Problem
from dynamic.models import ApiCall, Credential, Flow, Pipe, System

_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_TOP = {"integrator", "systems", "flows", "pipes"}


@dataclass
class Imported:
    """What an import did, as "system shop"-like names."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def import_bundle(source: str, owner: User, environ: Mapping[str, str]) -> Imported:
    """Bring `owner`'s objects to what the bundle says. Raises DocumentInvalid with the place."""
    with transaction.atomic():
        return _Import(parse(source), owner, environ).run()


class _Import:
    def __init__(self, document: Document, owner: User, environ: Mapping[str, str]) -> None:
        self._document = document
        self._owner = owner
        self._environ = environ
        self._done = Imported()

    def run(self) -> Imported:
        bundle = self._document.data
        if not isinstance(bundle, dict) or bundle.get("integrator") != 1:
            raise self._wrong((), "A bundle begins with the line “integrator: 1”.")
        self._only(bundle, _TOP, ())
        for path, item in self._items(bundle, ("systems",)):
            self._system(item, path)
        for path, item in self._items(bundle, ("flows",)):
            self._flow(item, path)
        for path, item in self._items(bundle, ("pipes",)):
            self._pipe(item, path)
        return self._done

    def _system(self, item: dict[str, Any], path: tuple[Any, ...]) -> None:
        keys = {"slug", "name", "base_url", "auth", "calls", "connect_timeout", "read_timeout"}
        self._only(item, keys, path)
        auth = self._filled(item.get("auth") or {"type": "none"}, (*path, "auth"))
        if not isinstance(auth, dict):
            raise self._wrong((*path, "auth"), "Write an object, such as {type: none}.")
        self._only(auth, {"type", "name", "prefix", "username", "secret"}, (*path, "auth"))
        values: dict[str, Any] = {
            name: self._filled(item[name], (*path, name))
            for name in ("name", "base_url", "connect_timeout", "read_timeout")
            if name in item
        }
        values |= {
            "auth_type": auth.get("type", "none"),
            "auth": {name: auth[name] for name in ("name", "prefix") if auth.get(name)},
        }
        lookup = {"owner": self._owner, "slug": item.get("slug", "")}
        system = self._save(System, lookup, values, path, f"system {item.get('slug')}")
        if auth.get("secret"):
            held = {name: auth[name] for name in ("username", "secret") if auth.get(name)}
            secret = {"values": held}
            lookup = {"system": system, "name": "default"}
            self._save(Credential, lookup, secret, (*path, "auth"), f"credential of {system.slug}")
        for call_path, call in self._items(item, (*path, "calls")):
            self._call(system, call, call_path)

    def _call(self, system: System, item: dict[str, Any], path: tuple[Any, ...]) -> None:
        keys = {"slug", "name", "method", "path", "query", "headers", "body_kind", "body"}
        self._only(item, keys, path)
        lookup = {"system": system, "slug": item.get("slug", "")}
        values = {name: value for name, value in item.items() if name != "slug"}
        self._save(ApiCall, lookup, values, path, f"API call {system.slug}/{item.get('slug')}")

    def _flow(self, item: dict[str, Any], path: tuple[Any, ...]) -> None:
        self._only(item, {"slug", "name", "document"}, path)
        lookup = {"owner": self._owner, "slug": item.get("slug", "")}
        values = {"name": item.get("name", ""), "draft": item.get("document", "")}
        flow = self._save(Flow, lookup, values, path, f"flow {item.get('slug')}")
        flow.publish("Imported")

    def _pipe(self, item: dict[str, Any], path: tuple[Any, ...]) -> None:
        self._only(item, {"name", "flow", "enabled", "methods", "deadline", "body_limit"}, path)
        flow = self._owner.flows.filter(slug=item.get("flow", "")).first()
        if flow is None:
            raise self._wrong((*path, "flow"), f"There is no flow {item.get('flow')!r}.")
        values = {name: value for name, value in item.items() if name != "name"} | {"flow": flow}
        lookup = {"owner": self._owner, "name": item.get("name", "")}
        self._save(Pipe, lookup, values, path, f"pipe {item.get('name')}")

    def _save(
        self,
        model: type[models.Model],
        lookup: dict[str, Any],
        values: dict[str, Any],
        path: tuple[Any, ...],
        label: str,
    ) -> Any:
        found = model._default_manager.filter(**lookup).first()
        target = found or model(**lookup)
        changed = found is None or any(getattr(found, key) != values[key] for key in values)
        for name, value in values.items():
            setattr(target, name, value)
        try:
            target.full_clean()
        except ValidationError as error:
            raise DocumentInvalid(
                [
                    self._problem(path, f"{name}: {message}" if name != "__all__" else message)
                    for name, messages in error.message_dict.items()
                    for message in messages
                ]
            ) from None
        if changed:
            target.save()
        done = self._done
        (done.created if not found else done.updated if changed else done.unchanged).append(label)
        return target

    def _items(self, parent: dict[str, Any], path: tuple[Any, ...]) -> list[Any]:
        items = parent.get(path[-1]) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise self._wrong(path, "Write a list of objects, each beginning with “- ”.")
        return [((*path, index), item) for index, item in enumerate(items)]

    def _only(self, item: dict[str, Any], known: set[str], path: tuple[Any, ...]) -> None:
        for name in item.keys() - known:
            raise self._wrong(
                (*path, name), f"“{name}” is not known here; known are {', '.join(sorted(known))}."
            )

    def _filled(self, value: Any, path: tuple[Any, ...]) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(held, (*path, name)) for name, held in value.items()}
        if not isinstance(value, str):
            return value

        def fill(match: re.Match[str]) -> str:
            if match[1].startswith("INTEGRATOR_") or match[1] == "DATABASE_URL":
                raise self._wrong(path, f"{match[1]} is Integrator's own, and not for a bundle.")
            if match[1] not in self._environ:
                raise self._wrong(path, f"The environment has no {match[1]}; set it and try again.")
            return self._environ[match[1]]

        return _PLACEHOLDER.sub(fill, value)

    def _problem(self, path: tuple[Any, ...], message: str) -> Problem:
        line, column = self._document.position(path)
        return Problem(line, column, ".".join(map(str, path)), message)

    def _wrong(self, path: tuple[Any, ...], message: str) -> DocumentInvalid:
        return DocumentInvalid([self._problem(path, message)])
