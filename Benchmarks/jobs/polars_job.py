"""polars with its streaming engine. Arguments: input, output, `sink` or `collect`."""

import sys

import polars

source, target, way = sys.argv[1:]
columns = {"Song": polars.String, "Date": polars.String, "Number of Plays": polars.Int64}
totals = (
    polars.scan_csv(source, schema=columns)
    .group_by("Song", "Date")
    .agg(polars.col("Number of Plays").sum().alias("Total Number of Plays for Date"))
    .sort("Song", "Date")
)
if way == "sink":
    totals.sink_csv(target, engine="streaming")
else:
    totals.collect(engine="streaming").write_csv(target)
