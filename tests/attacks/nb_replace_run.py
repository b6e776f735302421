"""Replaces the shell's way to run code, so that serving never begins."""
shell = get_ipython()
type(shell).run_cell = lambda *a, **k: None
shell.run_cell_async = None
shell.kernel.do_execute = lambda *a, **k: {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
