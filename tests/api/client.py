"""A program that talks to the API."""

import datetime
import json
from typing import Any, Self

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from zhike.teams.access import rights_of
from zhike.teams.actions import create_token
from zhike.teams.choices import Permission
from zhike.teams.models import User


class Answer:
    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers

    @property
    def body(self) -> Any:
        return json.loads(self.response.content) if self.response.content else None

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


class Api:
    def __init__(self, client: Client, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    @classmethod
    def with_token(cls, user: User, permissions: list[Permission] | None = None, days: int = 1) -> Self:
        now = timezone.now()
        owner = User.objects.get(pk=user.pk)  # fresh: rights are kept on the object
        _token, secret = create_token(
            actor=owner, name="test", permissions=permissions or sorted(rights_of(owner).permissions),
            expires_at=now + datetime.timedelta(days=days), at=now,
        )  # fmt: skip
        return cls(Client(), {"Authorization": f"Bearer {secret}"})

    @classmethod
    def in_browser(cls, user: User) -> Self:
        client = Client()
        client.force_login(user)
        return cls(client, {})

    def send(self, method: str, path: str, data: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = b"" if data is None else json.dumps(data).encode()
        return Answer(
            self.client.generic(method, f"/api{path}", body, content_type="application/json", headers=self.headers | named)
        )

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, {} if data is None else data, **headers)

    def patch(self, path: str, data: Any, **headers: str) -> Answer:
        return self.send("PATCH", path, data, **headers)

    def put(self, path: str, data: Any, **headers: str) -> Answer:
        return self.send("PUT", path, data, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.send("DELETE", path, **headers)

    def everything(self, path: str) -> list[Any]:
        """All pages of a list."""
        found, address = [], path
        while address:
            answer = self.get(address)
            assert answer.status == 200, answer.body
            found += answer["items"]
            address = (answer["next"] or "").removeprefix("/api")
        return found
