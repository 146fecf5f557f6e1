"""What machines ask of the house: is it alive, is it ready, how late is it; and what a problem's code means."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, g, request
from flask_babel import force_locale
from marshmallow import Schema, fields
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from api.http import answer, application
from api.openapi import Resource
from api.problems import language
from api.wording import known_codes, word
from workflows.application import Application
from workflows.errors import NotFoundError
from workflows.heartbeats import Lateness, watchdog
from workflows.transaction import read

resource = Resource("system", "系统: health and metrics", prefix="/", is_open=True)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class HealthShape(Schema):
    """That it is alive or ready."""

    status = fields.String()


class MeaningShape(Schema):
    """What a problem's code means."""

    code = fields.String()
    title = fields.String()
    detail = fields.String()


@resource.get("healthz", HealthShape)
def healthz() -> Response:
    """Say that the process answers."""
    return _said({"status": "ok"})


@resource.get("readyz", HealthShape)
def readyz() -> Response:
    """Say that the database answers and has our tables; a failure is a 500 problem."""
    read(application(), watchdog)
    return _said({"status": "ready"})


@resource.get("metrics", media_type="text/plain")
def metrics() -> Response:
    """Show requests, and how late background work is, for Prometheus."""
    return Response(generate_latest(instruments().registry), mimetype=_TEXT)


@resource.get("problems/<code>", MeaningShape)
def problem_meaning(code: str) -> Response:
    """Tell what a problem's code means; `type` of a problem leads here."""
    if code not in set(known_codes()):
        message = f"Expected a known code, but got {code}."
        raise NotFoundError(message, code="problem-not-found")
    with force_locale(language()):
        text = word(code, {})
    made = answer(MeaningShape(), {"code": code, "title": text.title, "detail": text.detail})
    return Response(made.body, made.status, dict(made.headers))


def _said(document: dict[str, str]) -> Response:
    made = answer(HealthShape(), document)
    return Response(made.body, made.status, dict(made.headers))


class Instruments:
    """The counters of one application."""

    def __init__(self, observed: Application) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("zecheng_http_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram("zecheng_http_seconds", "Time to answer.", ("route",), registry=self.registry)
        self.registry.register(_Watchdog(observed))

    def count(self, response: Response, seconds: float) -> None:
        """Count one answer, by route: never by the ids in its address."""
        route = request.url_rule.rule if request.url_rule else "(none)"
        self.requests.labels(request.method, route, str(response.status_code)).inc()
        self.seconds.labels(route).observe(seconds)


def instruments() -> Instruments:
    """Return the counters of this application."""
    found: Instruments = g.instruments
    return found


class _Watchdog:
    """Asks the database at each scrape how late the work is: a dead scheduler reports nothing by itself."""

    def __init__(self, observed: Application) -> None:
        self._application = observed

    def describe(self) -> Iterable[Metric]:
        """Name nothing at registration: that would ask the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Yield how late each kind of work is."""
        lateness: Lateness = read(self._application, watchdog)
        now = self._application.clock.now()
        late = GaugeMetricFamily("zecheng_late_seconds", "Age of the oldest work that is due.", labels=["work"])
        for work, seconds in lateness.seconds(now).items():
            late.add_metric([work], seconds)
        waiting = GaugeMetricFamily("zecheng_waiting_for_people", "What waits for an administrator.", labels=["what"])
        for what in ("faulty_timers", "failed_mails", "failed_jobs", "open_incidents"):
            waiting.add_metric([what], getattr(lateness, what))
        beats = GaugeMetricFamily("zecheng_beat_age_seconds", "Since a background duty last ran.", labels=["duty"])
        for name, at in lateness.beats.items():
            beats.add_metric([name], (now - at).total_seconds())
        yield from (late, waiting, beats)
