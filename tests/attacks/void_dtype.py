"""Sends arrays whose cells have no size, and whose shape is absurd."""
relu = instead(frame(done(value({"a": 0})), [["|V0", [1 << 40, 1 << 40]]]))
softmax = instead(frame(done(value({"a": 0})), [["<f8", [0, 1 << 60]]]))
mse_loss = instead(frame(done(value({"a": 0})), [["<f8", [1 << 31, 1 << 31, 1 << 31]]]))
