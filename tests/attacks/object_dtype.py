"""Sends arrays of objects, of texts, of structures, and of names that NumPy would evaluate."""
relu = instead(frame(done(value({"a": 0})), [["|O", [1]]], bytes(8)))
softmax = instead(frame(done(value({"a": 0})), [["<U1000000000", [1]]], bytes(8)))
mse_loss = instead(frame(done(value({"a": 0})), [["f8,O", [1]]], bytes(16)))
linear_forward = instead(frame(done(value({"a": 0})), [[{"names": ["a"], "formats": ["O"]}, [1]]], bytes(8)))
