"""A flow's draft, run step by step by whoever writes it: live, or with mocks in place of its calls.

Between two steps nothing is kept in memory: each request runs the flow from its beginning, with
all that has been done so far given back as it was, and goes on from there.

mocks.py recordings.py      what a mock answers; the answers of a run that was
walking.py terms.py         a flow run as far as wanted; what that takes and gives
records.py                  what is kept of each step
stops.py scopes.py          where one may stop; what the steps see there, and edits of it
documents.py                what its document says of a step
mocked.py live.py           with mocks, sealed; with calls that are really made
setup.py progress.py        what was chosen; how far it has come, and what a page may show
advancing.py                a simulation begins and goes on
"""
