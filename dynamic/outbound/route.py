"""How the requests of one API call go out: everything about them but their content."""

from dataclasses import dataclass, field

from dynamic.flow.retry import ONCE, RetryRule
from dynamic.flow.statuses import SUCCESSFUL
from dynamic.outbound.auth import Authentication
from dynamic.outbound.client import Timeouts
from dynamic.outbound.paging import Paging


@dataclass(frozen=True, slots=True)
class Route:
    auth: Authentication = field(repr=False)
    timeouts: Timeouts
    token_failures: frozenset[int] = frozenset({401})
    redirects: bool = False
    retry: RetryRule = ONCE
    paging: Paging | None = None
    fine: frozenset[int] = SUCCESSFUL
    lane: str = ""  # requests of one lane together keep to `most_at_once`
    most_at_once: int = 0  # 0 = no limit
