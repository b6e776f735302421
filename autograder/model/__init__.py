"""The records that the stages hand on: frozen, without input or output."""
