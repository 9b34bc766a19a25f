#!/bin/bash
# Runs once, when the volume is empty: a role and a database for Temporal and for the ledger, neither of which can see
# the other's.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres --no-psqlrc <<'SQL'
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv gatehouse_password GATEHOUSE_DB_PASSWORD
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE ROLE gatehouse LOGIN PASSWORD :'gatehouse_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE gatehouse OWNER gatehouse;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, gatehouse FROM PUBLIC;
SQL
