"""Runs programs by exclamation mark, magics and subprocess."""
get_ipython().system("touch " + FACTS["folder"] + "/shell")
# %%
get_ipython().run_cell_magic("bash", "", "touch " + FACTS["folder"] + "/bash")
# %%
get_ipython().run_line_magic("pip", "--version")
# %%
import subprocess

subprocess.run(["/bin/true"], check=True)
breached("subprocess")
