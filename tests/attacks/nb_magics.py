"""Uses magics that open pages, load files, time, debug and read."""
get_ipython().run_line_magic("quickref", "")
# %%
get_ipython().run_line_magic("load", FACTS["reference"])
# %%
get_ipython().run_line_magic("run", FACTS["reference"])
# %%
get_ipython().run_line_magic("pdb", "on")
1 / 0
# %%
input("answer?")
# %%
get_ipython().run_line_magic("debug", "")
# %%
get_ipython().run_cell_magic("writefile", FACTS["folder"] + "/magic", "x")
