"""A whole year of the service in minutes: invented firms and staff, real jobs, a real database, flaky providers.

`python -m tests.year --firms 20000 --out build/year` plays it, checks the laws and writes what a person can read.
"""
