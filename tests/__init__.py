"""The suite. ``databases`` gives real databases; start reading at ``use_cases``."""
