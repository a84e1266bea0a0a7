"""Import a bundle: bring an owner's things to what it says.

Idempotent: what is there under the same slug (a credential, a pipe: the same name) is brought to
what the bundle says, a flow gets a new version only where its document changed, and nothing is
removed. What a thing's entry leaves out gets its default; only the values of a credential stay.
All or nothing: where anything is wrong, nothing is changed.
"""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from dynamic.bundle import layout
from dynamic.bundle.filling import Filler
from dynamic.bundle.flows import Flows, in_order
from dynamic.bundle.reading import Item
from dynamic.bundle.saving import Imported, Saver
from dynamic.bundle.systems import Systems
from dynamic.flow.document import parse
from dynamic.flow.problems import DocumentInvalid


def import_bundle(
    source: str, owner: User, environ: Mapping[str, str], dry_run: bool = False
) -> Imported:
    """Bring `owner`'s things to what the bundle says. Raises DocumentInvalid with the places.

    A dry run tells what would be done and which placeholders `environ` lacks, and changes nothing.
    """
    document = parse(source, layout.BOUNDS)
    if not isinstance(document.data, dict):
        raise DocumentInvalid([document.problem((), "A bundle is an object.")])
    bundle = Item(document, (), document.data)
    with transaction.atomic():
        done = _imported(bundle, owner, Filler(environ, lacking=dry_run))
        if dry_run:
            transaction.set_rollback(True)
    return done


def _imported(bundle: Item, owner: User, filler: Filler) -> Imported:
    version = bundle.data.get("integrator")
    if version != layout.VERSION or isinstance(version, bool):
        raise bundle.wrong("A bundle begins with the line “integrator: 1”.")
    bundle.only("integrator", "systems", "flows", "pipes")
    items = bundle.items("systems", identity="slug")
    filler.check(items)
    saver = Saver()
    systems, flows = Systems(owner, saver, filler), Flows(owner, saver)
    for item in items:
        systems.bring(item)
    for item in in_order(bundle.items("flows", identity="slug")):
        flows.bring_flow(item)
    for item in bundle.items("pipes", identity="name"):
        flows.bring_pipe(item)
    saver.finish()
    flows.check_archive()
    saver.done.missing = filler.missing
    return saver.done
