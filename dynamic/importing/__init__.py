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

    shell_words.py         a shell's text to commands and their words
    curl_options.py        one curl command to its options
    curl_bodies.py         what it sends
    curl.py                curl commands to drafts

    openapi.py             an OpenAPI document to drafts
    openapi_references.py  `$ref` within the document
    openapi_parameters.py  path, query, header and cookie parameters
    openapi_bodies.py      request bodies and answers
    openapi_security.py    security schemes
    schema_sample.py       a sample value of a JSON Schema

    postman.py             a Postman collection to drafts
    postman_variables.py   `{{variables}}`, in Postman's sense
    postman_urls.py        a request's URL
    postman_bodies.py      a request's body and saved answers
    postman_auth.py        a request's authentication

A source is hostile until read: every reader bounds size, depth and repetition, takes no type
for granted, fetches nothing, and keeps no credential.
"""
