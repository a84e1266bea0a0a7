"""Systems, API calls, flows, pipes and runs for operators. A credential can be set, never seen."""

from dynamic.admin import calls, drift, flows, runs, shares, systems, tokens

__all__ = ["calls", "drift", "flows", "runs", "shares", "systems", "tokens"]
