"""ClickHouse within the process. Arguments: the SQL."""

import sys

import chdb

for statement in sys.argv[1:]:
    chdb.query(statement)
