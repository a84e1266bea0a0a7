"""Bundles: all that an owner builds as one YAML file that can be kept, compared and imported.

importing.py systems.py flows.py    a bundle in: idempotent, all or nothing, or a dry run
exporting.py writing.py             all of an owner's things out, without a secret
reading.py saving.py                a part and its place; a row and what became of it
layout.py placeholders.py           what both directions share
"""

from dynamic.bundle.exporting import export_bundle
from dynamic.bundle.importing import import_bundle
from dynamic.bundle.saving import Imported

__all__ = ["Imported", "export_bundle", "import_bundle"]
