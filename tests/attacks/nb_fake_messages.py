"""Sends messages to the grader that no kernel sends: without content, of no type, to no parent."""
kernel = get_ipython().kernel
session, socket = kernel.session, kernel.iopub_socket
parent = kernel.get_parent()
for kind, content in (
    ("status", {}),
    ("status", {"execution_state": 7}),
    ("error", {}),
    ("error", {"ename": 7, "evalue": None, "traceback": 7}),
    ("execute_input", {}),
    ("update_display_data", {}),
    ("clear_output", {}),
    ("comm_open", {}),
    ("comm_msg", {"comm_id": [], "data": 7}),
    ("no_such_type", {}),
):
    session.send(socket, kind, content, parent=parent)
# %%
session.send(socket, "status", {"execution_state": "idle"}, parent=kernel.get_parent())
