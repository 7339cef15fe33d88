"""The production engine on numpy and pyarrow."""

from policy_match.engines.arrow.engine import ArrowEngine
from policy_match.engines.arrow.steps import NodeNotCompiled

__all__ = ["ArrowEngine", "NodeNotCompiled"]
