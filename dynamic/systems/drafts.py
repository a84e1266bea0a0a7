"""What pages and the REST API tell of a flow's draft, and by what they tell it from another."""

import hashlib
import json

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from dynamic.flow.problems import DocumentInvalid, Problem
from dynamic.models import Flow, FlowVersion


def fingerprint(flow: Flow) -> str:
    """Tells whether a flow is still what somebody saw: of its name and its draft."""
    return hashlib.sha256(json.dumps([flow.name, flow.draft]).encode()).hexdigest()


def problems_of(flow: Flow) -> list[Problem]:
    """Why the draft cannot run; nothing where it can."""
    try:
        flow.check_document()
    except DocumentInvalid as error:
        return error.problems
    return []


def with_state(flows: QuerySet[Flow]) -> QuerySet[Flow]:
    """Each with its `latest_number` and whether it `is_published` as it is."""
    versions = FlowVersion.objects.filter(flow=OuterRef("pk"))
    number = versions.order_by("-number").values("number")[:1]
    same = versions.filter(number=OuterRef("latest_number"), source=OuterRef("draft"))
    return flows.annotate(latest_number=Subquery(number)).annotate(is_published=Exists(same))
