"""Check: all findings on a bundle in one report. What BPMN forbids or we cannot run is an error, by name."""

from __future__ import annotations

from workflows.engine.check.bundle import BundleCheck
from workflows.engine.check.duty import ProfileChecks

__all__ = ["BundleCheck", "ProfileChecks"]
