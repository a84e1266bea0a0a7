"""Pasted sources of requests made into proposed API calls. Pure: no Django, no sockets.

    reading.py             `detect(text)` and `read(kind, text, base_url=…)`: where to begin
    proposal.py            what comes out: a Proposal of ProposedCalls; SourceInvalid
    parsing.py             text to plain JSON data, JSON or YAML, within bounds
    shapes.py              a value as the mapping, list or text that it should have been
    addresses.py           an URL's origin and path; what is below a base URL
    slugs.py               short unique names
    arguments.py           `{{ name }}` and its sample value; text that must stay literal
    credentials.py         names that hold secrets, and how a system would send them instead
    samples.py             copies of example values, cut to a size one can read
    drafts.py              one request while it is put together
    assembling.py          drafts to a proposal: base URL, relative paths, the check of each call

    curl/                  commands.py shell_words.py options.py bodies.py
    openapi/               document.py references.py parameters.py bodies.py security.py
                           schema_sample.py: a sample value of a JSON Schema
    postman/               collection.py variables.py urls.py bodies.py auth.py

A source is hostile until read: every reader bounds size, depth and repetition, takes no type
for granted, fetches nothing, and keeps no credential.
"""
