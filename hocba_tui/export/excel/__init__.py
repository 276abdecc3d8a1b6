"""Excel workbooks out: layouts, tables and the numbers that are reported."""
