"""Sessions in the database that know whose they are, so that they can be listed and revoked."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from zhike.core import origin


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        from zhike.teams.models import UserSession

        return UserSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        user = data.get(SESSION_KEY)
        row.user_id = int(user) if user else None
        row.address = origin.current().address
        row.agent = str(data.get("agent", ""))[:200]
        return row
