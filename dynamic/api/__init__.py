"""REST, to programs (by key) and in the browsable API (by session), all under /v1/dynamic/.

owner.py permissions.py    whose things, and what a key may do with them
roles.py shares.py         what a role allows; who else has a thing
checked.py rows.py         input held to the model's own check; rows as JSON
pipes.py runs.py           what keys are for: read alone
systems.py credentials.py calls.py      what an owner builds
flows.py flow_versions.py drafts.py     flows, with what was published of them
matching.py                what another has changed meanwhile is not overwritten
trials.py in_use.py        trying a system and its calls; what flows make cannot go
imports.py adopting.py     calls from a pasted source
auth_types.py urls.py      the table of authentication types; the addresses
"""
