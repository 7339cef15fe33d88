"""Every named query is one that PostgreSQL accepts with the tables of the schema."""

import psycopg

from policy_match.storage.named_queries import PLACEHOLDER, all_queries

CANNOT_BE_PREPARED = ("CREATE TEMPORARY TABLE", "CREATE INDEX", "ANALYZE")
"""Statements that only run; later ones of their file may read what they make."""


def test_postgresql_prepares_every_query(database_url: str) -> None:
    run = 0
    with psycopg.connect(database_url) as connection:
        connection.execute("SET search_path = policy_match")
        for query in all_queries().values():
            if query.text.startswith(CANNOT_BE_PREPARED):
                connection.execute(query.text.encode())
                run += 1
                continue
            numbers = {name: f"${place}" for place, name in enumerate(sorted(query.parameters), start=1)}
            text = PLACEHOLDER.sub(lambda match, numbers=numbers: numbers[match[1]], query.text).replace("%%", "%")
            connection.execute(f"PREPARE {query.name} AS {text}".encode())
        prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE from_sql").fetchone()
    assert prepared == (len(all_queries()) - run,)
