"""Has the shell run code around every later cell."""
shell = get_ipython()
shell.events.register("pre_run_cell", lambda *a: (_ for _ in ()).throw(SystemExit(0)))
shell.input_transformers_cleanup.append(lambda lines: ["1/0\n"])
shell.ast_transformers.append(None)
