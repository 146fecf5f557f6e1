"""Region files (``bpmn/regions/*.yaml``): what one city does otherwise. Read strictly, every fault listed.

The file's stem is the region's key. ``default.yaml`` holds what every region builds on: its lights and its values are
laid under each other region when it is loaded, so that a version says completely what held.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.deadlines.data_files import Faults, Reader, parse_document
from workflows.deadlines.lights import read_lights
from workflows.parameters import is_parameter_value, plain_value


def read_region(content: bytes | str, file: str, *, default: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what a region's file says, laid over the default region, or raise ``DataFaultsError``.

    The result has ``name``, ``based_on``, ``parameters`` (family → name → value, source, note) and ``lights``.
    """
    faults = Faults(file)
    reader = Reader(parse_document(content, file), "", faults)
    found = {
        "name": reader.text("name"),
        "based_on": reader.text("based_on", ""),
        "parameters": _read_parameters(reader, faults),
        "lights": reader.raw("lights", {}),
    }
    reader.close()
    faults.check()
    if default is not None:
        found["parameters"] = _laid_over(default["parameters"], found["parameters"])
        found["lights"] = _lights_over(default["lights"], found["lights"])
    if found["lights"]:
        read_lights(found["lights"], file=file)
    return found


def _read_parameters(reader: Reader, faults: Faults) -> dict[str, dict[str, Any]]:
    section = reader.mapping("parameters")
    families: dict[str, dict[str, Any]] = {}
    for family, values in section.fields() if section else ():
        place = f"parameters.{family}"
        families[family] = {
            key: _read_value(Reader(entry, f"{place}.{key}", faults))
            for key, entry in Reader(values, place, faults).fields()
        }
    return families


def _read_value(reader: Reader) -> dict[str, Any]:
    value = plain_value(reader.raw("value"))
    if value is not None and not is_parameter_value(value):
        message = f"Expected a number, text, truth value, date or list, but found {value!r}."
        reader.fault("value", "wrong-type", message, field="value", expected="value")
    entry = {"value": value, "source": reader.text("source"), "note": reader.text("note", "")}
    reader.close()
    return entry


def _laid_over(
    below: Mapping[str, Mapping[str, Any]], above: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    return {family: {**below.get(family, {}), **above.get(family, {})} for family in {**below, **above}}


def _lights_over(below: Mapping[str, Any], above: Any) -> Any:
    """Merge level by level; a level set to nothing is taken away."""
    if not isinstance(above, Mapping):
        return above
    levels = dict(below.get("levels", {}))
    told = above.get("levels") or {}
    for key, level in told.items() if isinstance(told, Mapping) else ():
        if level is None:
            levels.pop(key, None)
        else:
            levels[key] = {**levels.get(key, {}), **level} if isinstance(level, Mapping) else level
    return {**below, **above, "levels": levels}
