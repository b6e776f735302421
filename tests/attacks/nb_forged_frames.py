"""Sends bytes on the kernel's sockets that are no messages: bad signatures, bad JSON, too few parts."""
kernel = get_ipython().kernel
send = kernel.iopub_socket.send_multipart
key = b"<IDS|MSG>"
send([b"x"])
send([key])
send([key, b"bad", b"{}", b"{}", b"{}", b"{}"])
for pieces in ([b"{", b"{}", b"{}", b"{}"], [b"[]", b"[]", b"[]", b"[]"], [b"7", b"{}", b"{}", b"x" * 100]):
    send([key, kernel.session.sign(pieces), *pieces])
