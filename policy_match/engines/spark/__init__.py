"""The production engine's kernel on Spark; needs the extra `[spark]` and is imported only when it is asked for."""

from policy_match.engines.spark.engine import SparkEngine

__all__ = ["SparkEngine"]
