"""Opens comms and widgets, whose state the client would keep."""
session, socket = get_ipython().kernel.session, get_ipython().kernel.iopub_socket
parent = get_ipython().kernel.get_parent()
for number in range(200):
    content = {"comm_id": str(number), "target_name": "jupyter.widget", "data": {"state": {"x": "y" * 10_000}}}
    session.send(socket, "comm_open", content, parent=parent, metadata={})
    session.send(socket, "comm_msg", {**content, "data": {"method": "update"}}, parent=parent)
