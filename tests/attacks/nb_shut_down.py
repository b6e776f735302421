"""Has the kernel shut down and restart."""
get_ipython().kernel.do_shutdown(True)
get_ipython().ask_exit()
# %%
exit()
# %%
import os

os._exit(0)
