"""Claims an array of changed arguments."""
reply = done({"d": [["value", 1], ["modified", {"a": 0}]]})
relu = mse_loss = instead(frame(reply, [["<f8", [2]]], bytes(16)))
