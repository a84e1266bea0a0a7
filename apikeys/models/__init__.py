from apikeys.models.change import Change
from apikeys.models.event import KeyEvent
from apikeys.models.key import Key, RotationRefused
from apikeys.models.notice import Notice
from apikeys.models.policy import Policy, PolicyRefused
from apikeys.models.use import KeyUse

__all__ = [
    "Change",
    "Key",
    "KeyEvent",
    "KeyUse",
    "Notice",
    "Policy",
    "PolicyRefused",
    "RotationRefused",
]
