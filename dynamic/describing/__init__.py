"""Pipes as those who call them want them told: for other programs, and as code to copy.

described.py schemas.py   a pipe with what it takes; JSON Schema as OpenAPI 3.0 writes it
openapi.py postman.py     documents that other tools read
answers.py                every answer that a call can get
snippets.py               a call in curl, Python, JavaScript and PHP

No key ever stands in one of them.
"""
