"""What a PostgreSQL schema holds, as text that two databases can be compared by.

Guarantees that everything counts that schema.sql may write: columns, views, constraints, indexes, triggers, functions,
types, comments, row policies and grants. Names that a sweep makes at run time are not in it.
"""

import psycopg

from policy_match.storage.session import Row

SCHEMAS = "'policy_match'::regnamespace, 'policy_match_firm'::regnamespace"
PARTS = {
    "relations": f"""
        SELECT c.relname, c.relnamespace::regnamespace::text, c.relkind, c.relispartition, pg_get_partkeydef(c.oid),
               c.relacl::text, c.relrowsecurity, c.reloptions::text, obj_description(c.oid, 'pg_class'),
               CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) END
          FROM pg_class AS c WHERE c.relnamespace IN ({SCHEMAS})
         ORDER BY 1, 2""",
    "columns": f"""
        SELECT a.attrelid::regclass::text, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attgenerated, a.attidentity, a.attcollation::regcollation::text, pg_get_expr(d.adbin, d.adrelid),
               col_description(a.attrelid, a.attnum), a.attacl::text
          FROM pg_attribute AS a
          JOIN pg_class AS c ON c.oid = a.attrelid AND c.relnamespace IN ({SCHEMAS})
          LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE NOT a.attisdropped AND a.attnum > 0
         ORDER BY a.attrelid::regclass::text, a.attnum""",
    "constraints": """
        SELECT conrelid::regclass::text, contypid::regtype::text, conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'policy_match'::regnamespace
         ORDER BY 1, 2, 3, 4""",
    "indexes": """
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'policy_match' ORDER BY indexname""",
    "triggers": f"""
        SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid)
          FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
         WHERE c.relnamespace IN ({SCHEMAS}) AND NOT t.tgisinternal
         ORDER BY 1, 2""",
    "policies": """
        SELECT polrelid::regclass::text, polname, polcmd, polpermissive, polroles::regrole[]::text,
               pg_get_expr(polqual, polrelid) AS seen, pg_get_expr(polwithcheck, polrelid) AS added
          FROM pg_policy ORDER BY 1, 2""",
    "functions": """
        SELECT p.proname, pg_get_functiondef(p.oid), p.proacl::text, obj_description(p.oid, 'pg_proc')
          FROM pg_proc AS p WHERE p.pronamespace = 'policy_match'::regnamespace
         ORDER BY p.proname""",
    "types": """
        SELECT t.typname, t.typtype, t.typacl::text, obj_description(t.oid, 'pg_type'),
               (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder)::text
                  FROM pg_enum AS e WHERE e.enumtypid = t.oid)
          FROM pg_type AS t WHERE t.typnamespace = 'policy_match'::regnamespace
         ORDER BY t.typname""",
    "schema": f"""
        SELECT nspname, nspacl::text FROM pg_namespace WHERE oid IN ({SCHEMAS})
         ORDER BY 1""",
}
BOOKKEEPING = "migration"
"""The runner's own table, which schema.sql does not have."""


def dump_catalogue(connection: psycopg.Connection[Row]) -> dict[str, list[str]]:
    """Return every part of the schema as lines."""
    with connection.cursor() as cursor:
        cursor.execute("SET search_path = policy_match")
        return {part: _lines(cursor, query) for part, query in PARTS.items()}


def _lines(cursor: psycopg.Cursor[Row], query: str) -> list[str]:
    rows = cursor.execute(query.encode()).fetchall()
    lines = ["|".join(str(value) for value in row.values()) for row in rows]
    return [line for line in lines if not line.lstrip("_").startswith((f"{BOOKKEEPING}|", f"{BOOKKEEPING}_"))]
