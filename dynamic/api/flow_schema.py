"""The JSON Schema of flow documents, for editors, which ask without a key."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import etag, require_safe

from dynamic.flow.document_schema import DOCUMENT_SCHEMA

_BODY = json.dumps(DOCUMENT_SCHEMA, ensure_ascii=False).encode()
_ETAG = f'"{hashlib.sha256(_BODY).hexdigest()[:32]}"'


@require_safe
@cache_control(public=True, max_age=3600)
@etag(lambda request: _ETAG)
def flow_schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_BODY, content_type="application/schema+json")
