#!/bin/sh
# A login for dashboards, which sees figures and no caller. The image of PostgreSQL runs this once, when it makes the database;
# on a PostgreSQL of your own, with a superuser's PGHOST, PGUSER … set:  READER_PASSWORD=… deploy/docker/reader.sh
set -eu
: "${READER_PASSWORD:?is the password for siaga112_dashboards; set it}"
psql -v ON_ERROR_STOP=1 -v password="$READER_PASSWORD" -U "${POSTGRES_USER:-${PGUSER:-postgres}}" -d "${POSTGRES_DB:-postgres}" <<'SQL'
SELECT 'CREATE ROLE siaga112_reader' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'siaga112_reader') \gexec
CREATE ROLE siaga112_dashboards LOGIN PASSWORD :'password' IN ROLE siaga112_reader;
-- To compile the sums of a view takes seconds, to add them up milliseconds; PostgreSQL 15 and 16 of Debian compile by default.
ALTER ROLE siaga112_dashboards SET jit = off;
-- Where the tables are there already, their owner may not have been allowed to make the role: its rights are given now.
SELECT 'SELECT siaga112.grant_roles()' WHERE to_regprocedure('siaga112.grant_roles()') IS NOT NULL \gexec
SQL
