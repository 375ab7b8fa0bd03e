"""Sessions in the database that know whose they are, so that they can be listed and revoked."""

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from zhike.core import origin

if TYPE_CHECKING:
    from zhike.teams.models import User

STARTED = "started"  # when the person signed in, ISO
AGENT = "agent"
SEEN_EVERY = datetime.timedelta(minutes=5)


class SessionStore(DatabaseStore):
    seen_at: datetime.datetime | None = None
    ended = ""  # why the session that the browser came with is over
    _person: "User | None" = None

    @classmethod
    def get_model_class(cls) -> Any:
        from zhike.teams.models import UserSession

        return UserSession

    def is_empty(self) -> bool:
        """Of one that is over the cookie stays until somebody signs in, so that the first page that is looked at can say why."""
        return not self.ended and super().is_empty()

    @property
    def person(self) -> "User | None":
        """Whose session it was when it was read, with their roles at hand. Whether it still holds is for who asks to check."""
        self._get_session()  # type: ignore[attr-defined]
        return self._person

    def _get_session_from_db(self) -> Any:
        from zhike.teams.opening import ended, opened

        row: Any = opened(self.session_key)
        if row is not None and (why := ended(row, timezone.now())):
            self.ended, row = why, None
        self.seen_at = row.seen_at if row else None
        self._person = row.user if row else None
        if row is None:
            self._session_key = None
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        user = data.get(SESSION_KEY)
        row.user_id = int(user) if user else None
        row.address = origin.current().address
        row.agent = str(data.get(AGENT, ""))[:200]
        if started := data.get(STARTED):
            row.started_at = datetime.datetime.fromisoformat(started)
        return row

    def seen(self, at: datetime.datetime | None = None) -> None:
        """Note that the session is in use; written at most every few minutes."""
        now = at or timezone.now()
        if self.seen_at and now - self.seen_at > SEEN_EVERY:
            self.get_model_class().objects.filter(pk=self.session_key).update(seen_at=now, address=origin.current().address)
