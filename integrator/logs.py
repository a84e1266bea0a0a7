"""One handler for all logs, whose formatter takes out what has the shape of a credential."""

from typing import Any

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "scrubbed": {
            "()": "apikeys.scrub.ScrubbingFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "scrubbed"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # These bring handlers of their own, which know nothing of scrubbing.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "uvicorn": {"handlers": [], "level": "INFO", "propagate": True},
        # It writes query strings; where nothing would come of its lines, uvicorn makes none.
        "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": False},
    },
}
