"""The only code that opens a socket: a call's request out, its answer back.

    client.py        one pooled session: `await Client(...).send(request, auth, timeouts)`
    auth.py          how a system wants to be told who asks
    destination.py   the one reading of a URL and of a host name
    networks.py      the table of special-purpose networks
    guard.py         which addresses may be connected to
    connector.py     where the guard meets aiohttp: at the moment of connecting
    headers.py       the head of a message: what may go out, what is shown of what came in
    body.py          the answer's bytes, counted and decompressed within a limit
    decode.py        bytes and content type to data
    failures.py      what went wrong, as one of the failures a flow knows

It knows nothing of Django, of models or of settings: everything comes through constructors.
"""
