"""Speed and memory of the production engine on synthetic firms and policies: `python -m tests.benchmarks.sweep`."""
