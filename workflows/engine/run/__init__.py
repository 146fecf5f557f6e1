"""Run: commands to steps. ``start``, ``advance`` and ``inspect`` are pure; everything between them is one ``Case``."""
