"""The real jam-agent: songs are played to it, and its plans are kept and checked."""
