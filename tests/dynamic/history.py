"""Runs as if they had been, made without calling anything."""

from datetime import timedelta

from django.utils import timezone
from django.utils.text import slugify

from dynamic.models import Run
from dynamic.models.run import MARGIN, new_run_id
from dynamic.runs.filters import first_id

ANSWER = "version: 1\nsteps:\n  - return: {body: 1}\n"


def pipe_of(owner, name="Orders", document=ANSWER, **fields):
    flow, _ = owner.flows.get_or_create(
        slug=slugify(name)[:50], defaults={"name": name, "draft": document}
    )
    flow.publish()
    return owner.pipes.create(name=name, flow=flow, **fields)


def run_of(pipe, ago=timedelta(0), **fields):
    """A run that began so long ago; not stored."""
    began = timezone.now() - ago
    values = {
        "id": first_id(began) + new_run_id()[12:],
        "owner_id": pipe.owner_id,
        "pipe": pipe,
        "key_public_id": "0123456789",
        "request_id": "f" * 32,
        "address": "192.0.2.7",
        "flow_id": pipe.flow_id,
        "flow_version": 1,
        "method": "POST",
        "status": "success",
        "http_status": 200,
        "started_at": began,
        "late_at": began + timedelta(seconds=pipe.deadline) + MARGIN,
        "ms": 12.5,
        "input": {"query": {}, "headers": {}, "payload": {"a": 1}},
        "answer": [1],
        "trace": [],
    }
    return Run(**(values | fields))


def stored(*runs):
    """Store them, and give the first."""
    Run.objects.bulk_create(runs)
    return runs[0]


def call_entry(step="ask", at=0.0, ms=5.0, status=200, data=None, **more):
    """A call in a trace, as flows note them."""
    return {
        "step": step,
        "kind": "call",
        "at": at,
        "request": {
            "api": "shop/ask",
            "method": "POST",
            "url": "https://shop.example.com/ask?who=ann",
            "headers": [["accept", "*/*"]],
            "body": '{"who": "ann"}',
        },
        "response": {"status_code": status, "headers": {"x": "y"}, "data": data},
        "ms": ms,
        **more,
    }
