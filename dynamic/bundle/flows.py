"""Flows of a bundle with the versions that pipes run, and the pipes."""

from collections.abc import Callable
from typing import Any

from accounts.models import User
from dynamic.bundle import layout
from dynamic.bundle.reading import Item
from dynamic.bundle.saving import Saver, archiving
from dynamic.flow.problems import DocumentInvalid
from dynamic.flow.program import compile_flow
from dynamic.models import Flow, FlowVersion, Pipe
from dynamic.models.pipe import RULES
from dynamic.systems.archiving import ArchiveRefused, require_restorable, require_unused

_NOTE = "Imported"


def in_order(items: list[Item]) -> list[Item]:
    """The flows, each after those that it runs: they must be published when it is checked."""
    by_slug = {item.text("slug"): item for item in items}
    ordered: dict[str, Item] = {}

    def add(slug: str, way: frozenset[str]) -> None:
        if slug in ordered or slug in way or slug not in by_slug:
            return
        for inner in _runs(by_slug[slug]):
            add(inner, way | {slug})
        ordered[slug] = by_slug[slug]

    for slug in by_slug:
        add(slug, frozenset())
    return list(ordered.values())


def _runs(item: Item) -> list[str]:
    try:
        return sorted(compile_flow(item.text("document"), None, check_names=False).runs)
    except DocumentInvalid:  # the import says so, at its place
        return []


class Flows:
    def __init__(self, owner: User, saver: Saver) -> None:
        self._owner = owner
        self._saver = saver
        self._to_check: list[tuple[Callable[[Flow], None], Flow, Item]] = []

    def bring_flow(self, item: Item) -> None:
        item.only("slug", "name", "document", "archived", "published", "versions")
        flow = self._saver.find(Flow, owner=self._owner, slug=item.text("slug"))
        is_new = flow._state.adding
        values = {"name": item.text("name"), "draft": item.text("document")}
        stays = not is_new and flow.draft == values["draft"]
        # What it calls may have been archived since: that is no fault of a draft that stays.
        check = flow.clean_fields if stays else flow.full_clean
        restored, last = archiving(item, flow)
        changed = self._saver.put(flow, values | restored, item, check=check, last=last)
        if restored or last:
            require = require_restorable if restored else require_unused
            self._to_check.append((require, flow, item))
        changed += self._versions(flow, item)
        if item.flag("published", otherwise=True) and self._publish(flow, item):
            changed.append("published")
        self._saver.note(f"flow {flow.slug}", changed, is_new=is_new)

    def check_archive(self) -> None:
        """When everything is there: no flow that is used has been archived, nor is one restored
        that runs archived ones. Raises DocumentInvalid.
        """
        for require, flow, item in self._to_check:
            try:
                require(flow)
            except ArchiveRefused as refused:
                raise item.wrong(str(refused), "archived") from None

    def _versions(self, flow: Flow, item: Item) -> list[str]:
        made = []
        for one in item.items("versions", identity="number"):
            one.only("number", "document")
            number, document = one.data.get("number"), one.text("document")
            if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
                raise one.wrong("The number of a version is 1 or more.", "number")
            there = flow.versions.filter(number=number).first()
            if there is None:
                version = FlowVersion(flow=flow, number=number, note=_NOTE)
                made += self._saver.put(version, {"source": document}, one)
            elif there.source != document:
                raise one.wrong(
                    f"Version {number} of this flow is there with another document, and a "
                    "version does not change.",
                    "document",
                )
        return ["versions"] if made else []

    def _publish(self, flow: Flow, item: Item) -> bool:
        latest = flow.latest
        if latest is not None and latest.source == flow.draft:
            return False
        try:
            flow.publish(_NOTE)
        except DocumentInvalid as error:
            raise item.wrong(str(error), "document") from None
        return True

    def bring_pipe(self, item: Item) -> None:
        item.only("name", "flow", "pinned", "archived", *RULES)
        flow = self._owner.flows.filter(slug=item.text("flow")).first()
        if flow is None:
            raise item.wrong(f"There is no flow {item.data.get('flow')!r}.", "flow")
        values: dict[str, Any] = {
            name: item.data.get(name, layout.default(Pipe, name)) for name in RULES
        }
        values |= {"flow_id": flow.pk, "pinned_id": self._pinned(flow, item)}
        pipe = self._saver.find(Pipe, owner=self._owner, name=item.text("name"))
        is_new = pipe._state.adding
        restored, archived = archiving(item, pipe)
        changed = self._saver.put(pipe, values | restored | archived, item)
        self._saver.note(f"pipe {pipe.name}", changed, is_new=is_new)

    def _pinned(self, flow: Flow, item: Item) -> int | None:
        number = item.data.get("pinned")
        if number is None:
            return None
        version = None
        if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**31:
            version = flow.versions.filter(number=number).first()
        if version is None:
            raise item.wrong(f"The flow {flow.slug} has no version {number}.", "pinned")
        return version.pk
