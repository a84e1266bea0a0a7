"""Words of our own URLs, which no system or API call can have as its slug."""

NOT_FOR_SYSTEMS = frozenset({"new", "oauth"})
NOT_FOR_CALLS = frozenset({"new"})
