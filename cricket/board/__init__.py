"""The public document of a match: drawn from its state, told in words, and patched from ball to ball."""
