"""The clock: says when jobs are due and lets one process carry them out. What is due lives in the database."""
