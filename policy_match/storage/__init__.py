"""The system of record: PostgreSQL through one unit of work, and truth files beside the snapshot."""
