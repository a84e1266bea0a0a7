"""A dynamic token: calls that sign in, one after the other, the last one's answer being the token.

Their expressions see `credential` (the values of the credential), `steps.<name>` (`data`,
`headers`, `status_code` of the calls before) and `token`, the data of the call before.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Any

from dynamic.flow.api_call import ApiCall
from dynamic.flow.exchange import NoToken, Response, UpstreamFailed
from dynamic.flow.expressions import MISSING, Template
from dynamic.flow.problems import StepFailed
from dynamic.outbound.tokens import Send, Token, issued

_LONGEST = 10 * 366 * 86_400.0  # seconds


@dataclass(frozen=True, slots=True)
class TokenCalls:
    system: str
    credential: int
    made_for: str
    calls: tuple[tuple[str, ApiCall], ...]
    lifetime: Template  # seconds; nothing where that is not known
    values: dict[str, str] = field(repr=False)

    async def obtain(self, send: Send, last: Token | None) -> Token:
        """Make the calls. Raises NoToken with a sentence that names the call."""
        scope: dict[str, Any] = {"credential": self.values, "steps": {}}
        for name, call in self.calls:
            response = await self._made(name, call, scope, send)
            scope["steps"][name] = {
                "data": response.data,
                "headers": response.headers,
                "status_code": response.status_code,
            }
            scope["token"] = response.data
        return issued(scope["token"], self._expires_at(scope))

    async def _made(self, name: str, call: ApiCall, scope: dict[str, Any], send: Send) -> Response:
        try:
            response = await send(call.request(scope))
        except (UpstreamFailed, StepFailed) as error:
            raise NoToken(f"{self.system}: the token call {name} failed. {error}") from None
        if response.status_code not in call.fine:
            raise NoToken(
                f"{self.system}: the token call {name} was answered with status "
                f"{response.status_code}."
            )
        return response

    def _expires_at(self, scope: dict[str, Any]) -> float | None:
        try:
            lifetime = self.lifetime.evaluate(scope)
            if lifetime is MISSING or lifetime is None or lifetime == "":
                return None
            if math.isnan(seconds := float(lifetime)):
                raise ValueError("It is not a number.")
        except (StepFailed, TypeError, ValueError) as error:
            raise NoToken(f"{self.system}: the token's lifetime is no number. {error}") from None
        return time.time() + min(max(seconds, 0.0), _LONGEST)
