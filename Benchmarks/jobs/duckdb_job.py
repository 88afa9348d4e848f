"""DuckDB as a Python module: the same totals in the same order. Arguments: the SQL."""

import sys

import duckdb

for statement in sys.argv[1:]:
    duckdb.execute(statement)
