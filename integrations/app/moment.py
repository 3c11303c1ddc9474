"""The moment of one use case: its instant, and what the ledger holds about a system then, each read once."""

from evidence.model.subject import system_subject
from evidence.snapshot.view import View
from integrations.app.session import Session


class Moment:
    """When a use case takes place. It is made where the use case begins and handed on to what helps it."""

    def __init__(self, session: Session) -> None:
        self.at = session.now()
        """The instant that everything bears which is written."""
        self._session = session
        self._views: dict[str, View] = {}

    def view(self, system_id: str) -> View:
        """All that the ledger holds about a system, proved whole. Raises StoreError or SignatureError."""
        if system_id not in self._views:
            subject, store = system_subject(system_id), self._session.store
            holdings = store.holdings(subject.digest, system_id)
            self._views[system_id] = View(holdings, store.payload, subject, self.at, instant_chosen=False)
        return self._views[system_id]
