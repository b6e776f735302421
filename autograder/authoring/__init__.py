"""What students start from, made from the reference: a module, a notebook and the public data.

`source` cuts a module in percent format into cells, `stubs` takes the solution out of it, `notebook` turns
cells into a notebook, and `template` writes the folder or tells what in it is stale.
"""
