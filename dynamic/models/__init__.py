"""What an owner builds: systems and their API calls, flows and their versions, pipes; and runs."""

from dynamic.models.call import ApiCall
from dynamic.models.flow import Flow, FlowVersion
from dynamic.models.pipe import Pipe
from dynamic.models.run import Run
from dynamic.models.system import Credential, System

__all__ = ["ApiCall", "Credential", "Flow", "FlowVersion", "Pipe", "Run", "System"]
