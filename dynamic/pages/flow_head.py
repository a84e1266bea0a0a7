"""What stands above everything on the pages on which a flow's draft is worked on."""

from typing import Any

from dynamic.models import Flow
from dynamic.pages.flow_drift import drifts_of
from dynamic.pages.flow_forms import PublishForm
from dynamic.systems.drafts import fingerprint


def head(flow: Flow, tab: str) -> dict[str, Any]:
    """The context of templates/base_flow.html and flows/publish.html."""
    latest = flow.latest
    return {
        "flow": flow,
        "tab": tab,
        "latest": latest,
        "is_published": latest is not None and latest.source == flow.draft,
        "drifts": drifts_of(flow),
        "publish": PublishForm(initial={"based_on": fingerprint(flow)}),
    }
