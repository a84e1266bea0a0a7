"""How the REST API reads bodies."""

import codecs
from typing import Any

import orjson
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = f"The body is larger than {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes."


class OrjsonParser(BaseParser):
    """RFC 8259: no NaN, no lone surrogates, UTF-8 only, no depth that ends the process."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        # Django holds only `request.body` to its limit, and DRF reads the stream.
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise BodyTooLarge
        try:
            value = orjson.loads(body.removeprefix(codecs.BOM_UTF8))
            # It reads 1024 levels and writes 254: deeper ones fail wherever they are shown.
            orjson.dumps(value)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON (RFC 8259, in UTF-8): {error}.") from None
        except orjson.JSONEncodeError:
            raise ParseError("The body is JSON of too many levels; send it flatter.") from None
        return value
