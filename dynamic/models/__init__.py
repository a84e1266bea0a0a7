"""What an owner builds: systems and their API calls, flows and their versions, pipes; and runs."""

from dynamic.models.alert import Alert
from dynamic.models.async_call import AsyncCall
from dynamic.models.call import ApiCall
from dynamic.models.credential import Consent, Credential, IssuedToken
from dynamic.models.digest import Digest
from dynamic.models.drift import Drift
from dynamic.models.flow import Flow, FlowVersion
from dynamic.models.health import Health
from dynamic.models.idempotency import IdempotentCall
from dynamic.models.pipe import Pipe
from dynamic.models.run import Run
from dynamic.models.share import Role, Share
from dynamic.models.simulation import Simulation
from dynamic.models.system import System

__all__ = [
    "Alert",
    "ApiCall",
    "AsyncCall",
    "Consent",
    "Credential",
    "Digest",
    "Drift",
    "Flow",
    "FlowVersion",
    "Health",
    "IdempotentCall",
    "IssuedToken",
    "Pipe",
    "Role",
    "Run",
    "Share",
    "Simulation",
    "System",
]
