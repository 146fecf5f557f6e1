"""The way in over HTTP: demo people who log in with their password and complete tasks through ``/api/v1``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any

from workflows.demo.acts import WorkError
from workflows.forms.description import plain_json

_TIMEOUT = 60


class HttpDoor:
    """A client of the product's own server on this machine. Logs each person in once, again when the token ends."""

    def __init__(self, port: int, password: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        self._password = password
        self._tokens: dict[str, str] = {}

    def complete(self, username: str, task_id: str, submission: Mapping[str, Any]) -> None:
        """Complete the task as this person, or raise ``WorkError`` with the problem's code."""
        path = f"/api/v1/tasks/{task_id}/complete"
        status, answer = self._post(path, submission, self._token(username))
        if status == HTTPStatus.UNAUTHORIZED:
            self._tokens.pop(username)
            status, answer = self._post(path, submission, self._token(username))
        if status != HTTPStatus.OK:
            detail = ",".join(f"{each.get('pointer')}:{each.get('code')}" for each in answer.get("errors", ()))
            can_correct = status == HTTPStatus.UNPROCESSABLE_ENTITY
            raise WorkError(str(answer.get("code", status)), f"http {status} {detail}", can_correct=can_correct)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _token(self, username: str) -> str:
        if username not in self._tokens:
            body = {"username": username, "password": self._password, "name": "demo"}
            status, answer = self._post("/api/v1/tokens", body)
            if status != HTTPStatus.CREATED:
                raise WorkError(str(answer.get("code", status)), f"http {status} login")
            self._tokens[username] = answer["token"]
        return self._tokens[username]

    def _post(self, path: str, body: Mapping[str, Any], token: str = "") -> tuple[int, Mapping[str, Any]]:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            self._connection.request("POST", path, json.dumps(plain_json(body), ensure_ascii=False).encode(), headers)
            response = self._connection.getresponse()
            content = response.read()
        except (HTTPException, OSError) as fault:
            self._connection.close()  # the next request opens it again
            raise WorkError("http-failed", type(fault).__name__) from fault
        found = json.loads(content) if content else {}
        return response.status, found if isinstance(found, dict) else {}
