"""Sends bytes that are no frame."""
relu = instead(bytes(range(256)) * 100)
softmax = instead(frame(done(value(1)), magic=b"AGW2"))
mse_loss = instead(b"HTTP/1.1 200 OK\r\n\r\npassed")
