"""What one evaluation may take, apart from the other work of a server."""

SECONDS = 0.25  # of processor time; the engine itself stops after 0.05, writing out comes on top
MEMORY = 512 * 2**20  # bytes of data of a helper
