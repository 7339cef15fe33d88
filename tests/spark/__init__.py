"""The Spark engine on a real Spark; `make test-spark`."""
