"""Reads the reference from a cell, by Python and by the shell."""
exec(open(FACTS["reference"]).read(), globals())
breached("the reference was read")
# %%
get_ipython().system(f"cat {FACTS['reference']} && touch {FACTS['folder']}/shell")
# %%
if "softmax_cce_backward" in "".join(get_ipython().getoutput(f"cat {FACTS['reference']}")):
    breached("by the shell")
