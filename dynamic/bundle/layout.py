"""What a bundle holds and under which names: what reading and writing share.

    integrator: 1
    systems:  slug, the fields below, auth: {type, its settings}, archived, credentials, calls
      credentials:  name, default, base_url, values
      calls:        slug and the fields below
    flows:    slug, name, document, archived, published, versions: [{number, document}]
    pipes:    name, flow, pinned (a version's number), archived and models.pipe.RULES

A field that is left out has its default.
"""

from typing import Any

from django.db import models

from dynamic.flow.document import Bounds

VERSION = 1
# What a system answered may be deep, and hold ids of 64 bits.
BOUNDS = Bounds(size=16 * 2**20, levels=300, integer=2**64 - 1)

SYSTEM_HEAD = ("name", "description", "base_url")  # before `auth`
SYSTEM_REST = (
    "common_query",
    "common_headers",
    "common_body",
    "connect_timeout",
    "read_timeout",
    "token_failures",
    "most_at_once",
    "health_minutes",
    "health_path",
)
SYSTEM = SYSTEM_HEAD + SYSTEM_REST
CALL = (
    "name",
    "description",
    "active",
    "method",
    "path",
    "query",
    "headers",
    "body_kind",
    "body",
    "skip_auth",
    "connect_timeout",
    "read_timeout",
    "fine_statuses",
    "follow_redirects",
    "retry",
    "paging",
    "sample_arguments",
    "sample_response",
)

# Where a model's field stands in a bundle, where that is elsewhere.
PLACES = {
    "auth_type": ("auth", "type"),
    "archived_at": ("archived",),
    "is_default": ("default",),
    "draft": ("document",),
    "source": ("document",),
    "flow_id": ("flow",),
    "pinned_id": ("pinned",),
}


def default(model: type[models.Model], field: str) -> Any:
    return model._meta.get_field(field).get_default()  # type: ignore[union-attr]
