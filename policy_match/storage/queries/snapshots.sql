-- add_snapshot --
-- Keep a snapshot's manifest; nothing happens when it is there.
INSERT INTO snapshot (snapshot_id, manifest)
VALUES (%(snapshot_id)s, %(manifest)s)
ON CONFLICT (snapshot_id) DO NOTHING

-- snapshot_manifest --
-- The manifest of a snapshot as JSON text.
SELECT manifest FROM snapshot WHERE snapshot_id = %(snapshot_id)s
