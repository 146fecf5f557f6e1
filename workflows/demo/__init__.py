"""The demo: an invented city, a year played in it, and a checker that shares no code with the use cases."""
