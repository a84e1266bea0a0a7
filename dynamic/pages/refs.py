"""How addresses name a system or a flow: its slug, and somebody else's `slug@<owner's id>`."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class Ref(StringConverter):
    """`dynamic.models.access`: as `Shared.ref` writes it, and `SharedQuerySet.named` reads it."""

    regex = "[-a-zA-Z0-9_]+(?:@[0-9]{1,9})?"


register_converter(Ref, "ref")

REF = "<ref:ref>/"
# In addresses of what an owner alone does: another account knows the thing by no slug.
OWN = "<slug:slug>/"
