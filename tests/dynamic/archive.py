"""Flows and pipes to put away: a flow that runs another, and a pipe that runs it."""

from dynamic.models import Flow, Pipe

ANSWER = "version: 1\nsteps:\n  - return: {body: 1}\n"
RUNS = "version: 1\nsteps:\n  - run: r\n    flow: %s\n  - return: {body: 2}\n"


def flow_of(owner, slug="stock", source=ANSWER):
    flow = Flow.objects.create(owner=owner, slug=slug, name=slug.title(), draft=source)
    flow.publish()
    return flow


def pipe_of(flow, name="Web shop", **fields):
    pipe = Pipe(owner=flow.owner, name=name, flow=flow, **fields)
    pipe.full_clean()
    pipe.save()
    return pipe
