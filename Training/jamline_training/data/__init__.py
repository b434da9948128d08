"""Songs and what is made of them: chords, frames, batches, streams, takes."""
