"""The viewer: one file, shown without being downloaded; as a page of its own, or laid over another."""
