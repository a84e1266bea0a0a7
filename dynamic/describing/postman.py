"""Pipes as a Postman collection: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/

The key is the variable `access_token` of the collection, and empty.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings

from dynamic.describing.described import Described

_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def postman(pipes: Sequence[Described], title: str) -> dict[str, Any]:
    """A collection of the pipe's requests; of several pipes, each in a folder."""
    folders = [
        {"name": pipe.name, "item": [_item(pipe, method) for method in pipe.methods]}
        for pipe in pipes
    ]
    return {
        "info": {"name": title, "schema": _SCHEMA},
        "item": folders[0]["item"] if len(folders) == 1 else folders,
        "auth": {
            "type": "bearer",
            "bearer": [{"key": "token", "value": "{{access_token}}", "type": "string"}],
        },
        "variable": [
            {"key": "base_url", "value": settings.SITE_URL},
            {"key": "access_token", "value": ""},
        ],
    }


def _item(pipe: Described, method: str) -> dict[str, Any]:
    path = pipe.url.removeprefix(settings.SITE_URL)
    url: dict[str, Any] = {
        "raw": f"{{{{base_url}}}}{path}",
        "host": ["{{base_url}}"],
        "path": path.strip("/").split("/"),
    }
    request: dict[str, Any] = {"method": method, "header": [], "url": url}
    if method == "GET":
        if pipe.query:
            url["query"] = [{"key": name, "value": value} for name, value in pipe.query]
            url["raw"] += "?" + "&".join(f"{name}={value}" for name, value in pipe.query)
    else:
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {
            "mode": "raw",
            "raw": orjson.dumps(pipe.sample, option=orjson.OPT_INDENT_2).decode(),
            "options": {"raw": {"language": "json"}},
        }
    return {"name": f"{method} {pipe.name}", "request": request}
