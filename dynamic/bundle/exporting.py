"""Export all that an owner has built as a bundle. It holds no secret.

Each value of a credential becomes a placeholder, such as `${SHOP_DEFAULT_SECRET}`. What has its
default is left out. Runs, keys and tokens are no part of it, and of a flow's versions only those
that pipes run: the latest, where that is not the draft, and pinned ones.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models

from accounts.models import User
from dynamic.bundle import layout, placeholders
from dynamic.bundle.writing import write
from dynamic.models import ApiCall, Credential, Flow, Pipe, System
from dynamic.models.pipe import RULES
from dynamic.systems.mentions import needed_by

_ROW = ("label", "key", "value", "filename", "content_type")
_TOKEN_CALL = ("name", "method", "url", "query", "headers", "body_kind", "body")


def export_bundle(owner: User) -> str:
    """The bundle as YAML; importing it, for whomever, makes the same things."""
    return write(bundle_of(owner))


def bundle_of(owner: User, pipe: Pipe | None = None) -> dict[str, Any]:
    """The bundle as data; with a pipe of the owner's, what this one needs and no more."""
    names = placeholders.Names()
    systems = owner.systems.order_by("slug").prefetch_related("credentials", "calls")
    flows = owner.flows.order_by("slug").prefetch_related("versions", "pipes")
    pipes = owner.pipes.order_by("name").select_related("flow", "pinned")
    if pipe:
        needs = needed_by(pipe.flow)
        systems, flows = systems.filter(slug__in=needs.systems), flows.filter(slug__in=needs.flows)
        pipes = pipes.filter(pk=pipe.pk)
    parts = {
        "systems": [_system(system, names) for system in systems],
        "flows": [_flow(flow) for flow in flows],
        "pipes": [_pipe(one) for one in pipes],
    }
    return {"integrator": layout.VERSION} | {key: rows for key, rows in parts.items() if rows}


def _system(system: System, names: placeholders.Names) -> dict[str, Any]:
    settings = _ordered(system.auth, [entry.name for entry in system.type.settings])
    own = (
        _fields(system, layout.SYSTEM_HEAD)
        | ({} if system.auth_type == "none" and not settings else {"auth": _auth(system, settings)})
        | _fields(system, layout.SYSTEM_REST)
    )
    item: dict[str, Any] = {"slug": system.slug, **placeholders.escaped(own)}
    if system.archived_at:
        item["archived"] = True
    if credentials := list(system.credentials.all()):
        item["credentials"] = [_credential(system, one, names) for one in credentials]
    if calls := sorted(system.calls.all(), key=lambda call: call.slug):
        item["calls"] = [_call(call) for call in calls]
    return item


def _auth(system: System, settings: dict[str, Any]) -> dict[str, Any]:
    calls = settings.get("calls")
    if isinstance(calls, list):
        settings["calls"] = [_token_call(call) for call in calls]
    if "params" in settings:
        settings["params"] = _rows(settings["params"])
    return {"type": system.auth_type} | settings


def _token_call(call: Any) -> Any:
    return {name: _rows(value) for name, value in _ordered(call, _TOKEN_CALL).items()}


def _credential(
    system: System, credential: Credential, names: placeholders.Names
) -> dict[str, Any]:
    item: dict[str, Any] = {"name": credential.name}
    if credential.is_default:
        item["default"] = True
    item |= placeholders.escaped(_fields(credential, ("base_url",)))
    known = [entry.name for entry in system.type.credential]
    values = _ordered(credential.values, known)
    if values:
        # An empty one tells nothing, and nobody should have to put it into an environment.
        item["values"] = {
            name: f"${{{names.new(system.slug, credential.name, name)}}}" if value else ""
            for name, value in values.items()
        }
    return item


def _call(call: ApiCall) -> dict[str, Any]:
    return {"slug": call.slug} | _fields(call, layout.CALL)


def _flow(flow: Flow) -> dict[str, Any]:
    versions = list(flow.versions.all())  # the latest first
    latest = versions[0] if versions else None
    item: dict[str, Any] = {"slug": flow.slug, "name": flow.name, "document": flow.draft}
    if flow.archived_at:
        item["archived"] = True
    is_published = latest is not None and latest.source == flow.draft
    if not is_published:
        item["published"] = False
    pinned = {pipe.pinned_id for pipe in flow.pipes.all()}
    kept = [
        version
        for version in versions
        if version.pk in pinned or (version is latest and not is_published)
    ]
    if kept:
        item["versions"] = [
            {"number": version.number, "document": version.source} for version in reversed(kept)
        ]
    return item


def _pipe(pipe: Pipe) -> dict[str, Any]:
    item: dict[str, Any] = {"name": pipe.name, "flow": pipe.flow.slug}
    if pipe.pinned:
        item["pinned"] = pipe.pinned.number
    if pipe.archived_at:
        item["archived"] = True
    return item | _fields(pipe, RULES)


def _fields(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Those that do not have their default."""
    values = {name: getattr(row, name) for name in names}
    return {
        name: _rows(value)
        for name, value in values.items()
        if value != layout.default(type(row), name)
    }


def _rows(value: Any) -> Any:
    """Rows with their entries in the order in which people write them; anything else as it is."""
    if not isinstance(value, list) or not all(
        isinstance(row, dict) and "key" in row and row.keys() <= set(_ROW) for row in value
    ):
        return value
    return [_ordered(row, _ROW) for row in value]


def _ordered(values: Any, names: Iterable[str]) -> Any:
    """An object with these entries first: a database may keep them in any order."""
    if not isinstance(values, dict):
        return values
    first = {name: values[name] for name in names if name in values}
    return first | {name: values[name] for name in sorted(values.keys() - first.keys())}
