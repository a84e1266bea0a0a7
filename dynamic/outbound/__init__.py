"""The only code that opens a socket: a call's request out, its answer back.

    delivery.py      `await Delivery(...).send(request, route, journey, attempts)`: all around an
                     attempt
    route.py         how the requests of one API call go out
    paging.py redirect.py circuit.py query.py
                     the next page; elsewhere; not just now
    client.py        one attempt: `await Client(...).send(request, auth, timeouts)`
    auth.py oauth1.py            how a system wants to be told who asks
    tokens.py token_calls.py oauth2.py
                     the same, where a token must be obtained first
    spellings.py     the texts in which a secret could turn up again
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
