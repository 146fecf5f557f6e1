"""Compile: the neutral model of a checked file → nets of our own task specs for SpiffWorkflow."""

from __future__ import annotations

from workflows.engine.build.processes import build_processes

__all__ = ["build_processes"]
