"""The engine of `mashq grade`: what is to do, workers that do it, and how it is shown."""
