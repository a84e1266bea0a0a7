"""Systems of a bundle, with their credentials and API calls."""

from typing import Any

from django.db import models

from accounts.models import User
from dynamic.bundle import layout
from dynamic.bundle.filling import Filler
from dynamic.bundle.reading import Item
from dynamic.bundle.saving import Saver, archiving
from dynamic.models import ApiCall, Credential, System
from dynamic.models.auth_types import AUTH_TYPES

# The default credential may stand in `auth`, where there is but one.
_INLINE = ("username", "secret")


class Systems:
    def __init__(self, owner: User, saver: Saver, filler: Filler) -> None:
        self._owner = owner
        self._saver = saver
        self._filler = filler

    def bring(self, item: Item) -> None:
        item.only("slug", *layout.SYSTEM, "auth", "archived", "credentials", "calls")
        auth = item.part("auth", {"type": "none"})
        kind = AUTH_TYPES.get(str(auth.data.get("type", "none")))
        settings = [entry.name for entry in kind.settings] if kind else []
        auth.only("type", *settings, *_INLINE)
        system = self._saver.find(System, owner=self._owner, slug=item.text("slug"))
        is_new = system._state.adding
        values = self._own(system, layout.SYSTEM, item, is_new=is_new)
        values |= self._auth(auth, is_new=is_new)
        restored, last = archiving(item, system)
        changed = self._saver.put(system, values | restored, item, last=last)
        self._saver.note(f"system {system.slug}", changed, is_new=is_new)
        self._credentials(system, item, auth)
        for call in item.items("calls", identity="slug"):
            self._call(system, call)

    def _own(
        self, row: models.Model, names: tuple[str, ...], item: Item, *, is_new: bool
    ) -> dict[str, Any]:
        """The fields' values; without those that only a missing placeholder could tell."""
        given = {name: item.data.get(name, layout.default(type(row), name)) for name in names}
        known = {name: value for name, value in given.items() if is_new or not self._lacks(value)}
        return {name: self._filler.fill(value, name) for name, value in known.items()}

    def _lacks(self, value: Any) -> bool:
        return self._filler.lacks(value)

    def _auth(self, auth: Item, *, is_new: bool) -> dict[str, Any]:
        settings = {
            name: value for name, value in auth.data.items() if name not in {"type", *_INLINE}
        }
        values = {"auth_type": self._filler.fill(auth.data.get("type", "none"), "type")}
        if is_new or not self._lacks(settings):
            values["auth"] = self._filler.fill(settings)
        return values

    def _credentials(self, system: System, item: Item, auth: Item) -> None:
        items = item.items("credentials", identity="name")
        if auth.data.get("secret"):
            if any(one.data.get("name", "default") == "default" for one in items):
                raise auth.wrong("The credential “default” is in the list, too.", "secret")
            values = {name: auth.data[name] for name in _INLINE if auth.data.get(name)}
            items.insert(0, Item(item.document, auth.path, {"name": "default", "values": values}))
        chosen = self._default(system, items)
        if chosen is not None:
            self._demote(system, items, chosen)
        # The new default last: there may not be two at any moment.
        for one in sorted(items, key=lambda one: one is chosen):
            self._credential(system, one, is_default=None if chosen is None else one is chosen)

    def _default(self, system: System, items: list[Item]) -> Item | None:
        """Which one is to be the default; None where that stays as it is."""
        said = [one for one in items if one.flag("default", otherwise=False)]
        if len(said) > 1:
            raise said[1].wrong("Another credential of this system is the default.", "default")
        if said:
            return said[0]
        has_one = system.credentials.filter(is_default=True).exists()
        return None if has_one or not items else items[0]

    def _demote(self, system: System, items: list[Item], chosen: Item) -> None:
        """Let no credential that the bundle does not name stay the default."""
        named = {one.text("name", "default") for one in items}
        for other in system.credentials.filter(is_default=True).exclude(name__in=named):
            other.is_default = False
            other.save(update_fields=["is_default", "changed_at"])
            self._saver.note(f"credential {system.slug}/{other.name}", ["default"], is_new=False)

    def _credential(self, system: System, item: Item, *, is_default: bool | None) -> None:
        item.only("name", "default", "base_url", "values")
        name = item.text("name", "default")
        credential = self._saver.find(Credential, system=system, name=name)
        is_new = credential._state.adding
        values = self._own(credential, ("base_url",), item, is_new=is_new)
        held = item.part("values", {}).data
        # Without values those that are stored stay: who writes a bundle may not know them.
        if "values" in item.data and (is_new or not self._lacks(held)):
            values["values"] = self._filler.fill(held)
        values["is_default"] = (
            is_default if is_default is not None else not is_new and credential.is_default
        )
        changed = self._saver.put(credential, values, item)
        self._saver.note(f"credential {system.slug}/{name}", changed, is_new=is_new)

    def _call(self, system: System, item: Item) -> None:
        item.only("slug", *layout.CALL)
        call = self._saver.find(ApiCall, system=system, slug=item.text("slug"))
        is_new = call._state.adding
        given = {name: item.data.get(name, layout.default(ApiCall, name)) for name in layout.CALL}
        last = None
        if given["active"] is False:
            last = {"active": given.pop("active")}
        changed = self._saver.put(call, given, item, last=last)
        self._saver.note(f"API call {system.slug}/{call.slug}", changed, is_new=is_new)
