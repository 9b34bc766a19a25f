#!/bin/sh
# Brings both of Temporal's databases to the schema of this version. May run again at every start.
set -eu
: "${SCHEMA_DIR:?where the versioned schema files are}"
for pair in temporal:temporal temporal_visibility:visibility; do
    database=${pair%%:*} schema=${pair##*:}
    temporal-sql-tool --database "$database" setup-schema --version 0.0
    temporal-sql-tool --database "$database" update-schema --schema-dir "$SCHEMA_DIR/$schema/versioned"
done
