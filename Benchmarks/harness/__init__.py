"""The measuring, apart from what is measured: processes, data, comparisons, scenarios and the report."""
