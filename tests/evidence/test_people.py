"""The register of people: what a next version may say, who signs it, and what was held when."""

from datetime import timedelta

import pytest

from evidence.model.base import parse_instant
from evidence.model.errors import SignatureError
from evidence.trust.envelopes import signature_state
from evidence.trust.keys import Grant, SigningKey, sign_together
from evidence.trust.people import Holder, HolderKey, Register, next_version, read_chain, require_current, with_holder

START = parse_instant("2026-01-01T00:00:00Z")
YEAR = timedelta(days=365)
KEYS = {name: SigningKey.generate() for name in ("ada", "ben", "eli", "eli2", "omar")}


def holder(name: str, *roles: str, at=START, full_name: str | None = None, key: str | None = None) -> Holder:
    made = KEYS[key or name]
    return Holder(
        id=name,
        name=full_name or f"{name.title()} Example",
        kind="person",
        keys=(HolderKey(keyid=made.keyid, public_key=made.public_key, since=at),),
        grants=tuple(Grant(role=role, since=at) for role in roles),
    )


def first(*holders: Holder, threshold: int = 1) -> Register:
    return Register(
        origin="lender", version=1, issued_at=START, expires_at=START + YEAR, threshold=threshold, holders=holders
    )


def sealed(register: Register, *names: str) -> bytes:
    return sign_together([KEYS[name] for name in names], register.statement().payload)


def after(days: int):
    return START + timedelta(days=days)


ONE = first(holder("ada", "administrator"))
TWO = with_holder(ONE, holder("eli", "ml-engineer", at=after(1)), issued_at=after(1), expires_at=after(300))


class TestChain:
    def test_a_chain_signed_by_its_administrators_gives_its_last_version(self) -> None:
        assert read_chain([sealed(ONE, "ada"), sealed(TWO, "ada")], "lender") == TWO

    def test_an_empty_chain_is_none(self) -> None:
        with pytest.raises(SignatureError, match="there is none"):
            read_chain([], "lender")

    @pytest.mark.parametrize(
        ("envelopes", "problem"),
        [
            ([sealed(ONE, "eli")], "0 administrators of version 1"),
            ([sealed(ONE, "ada"), sealed(TWO, "eli")], "0 administrators of version 1"),
            ([sealed(TWO, "ada")], "does not begin with version 1"),
            ([sealed(ONE, "ada"), sealed(ONE, "ada")], "does not follow version 1"),
        ],
        ids=["stranger", "engineer-signs-own-role", "first-one-cut-off", "twice"],
    )
    def test_what_no_administrator_signed_is_refused(self, envelopes: list[bytes], problem: str) -> None:
        with pytest.raises(SignatureError, match=problem):
            read_chain(envelopes, "lender")

    def test_the_register_of_another_ledger_is_refused(self) -> None:
        with pytest.raises(SignatureError, match="not of `bank`"):
            read_chain([sealed(ONE, "ada")], "bank")

    def test_a_threshold_of_two_wants_two(self) -> None:
        register = first(holder("ada", "administrator"), holder("ben", "administrator"), threshold=2)
        with pytest.raises(SignatureError, match="1 administrators of version 1 signed it, and 2 must"):
            read_chain([sealed(register, "ada")], "lender")
        assert read_chain([sealed(register, "ada", "ben")], "lender") == register

    def test_a_version_claims_no_time_before_the_ledger_had_it(self) -> None:
        """Else an administrator could give a role, or a key, for the day on which a record was signed."""
        chain = [sealed(ONE, "ada"), sealed(TWO, "ada")]
        second = timedelta(seconds=1)
        assert read_chain(chain, "lender", logged=[START, TWO.issued_at + 10 * second]) == TWO
        with pytest.raises(SignatureError, match=r"version 2.*it says that it was issued at .*, and the ledger has it"):
            read_chain(chain, "lender", logged=[START, TWO.issued_at + 11 * second])

    def test_an_engineer_who_makes_himself_administrator_still_needs_the_old_one(self) -> None:
        mine = holder("eli", "administrator", at=after(2))
        taken = TWO.model_copy(update={"holders": (ONE.holders[0], mine), "issued_at": after(2)})
        with pytest.raises(SignatureError, match="0 administrators of version 1"):
            read_chain([sealed(ONE, "ada"), sealed(taken, "eli")], "lender")


class TestWhatANextVersionMaySay:
    def make(self, *holders: Holder, day: int = 2) -> Register:
        return next_version(TWO, [ONE.holders[0], *holders], issued_at=after(day), expires_at=after(300))

    def test_nobody_is_given_a_role_for_the_past(self) -> None:
        old = TWO.holder("eli")
        assert old is not None
        more = (*old.grants, Grant(role="validator", since=after(1)))
        with pytest.raises(SignatureError, match="is to hold since"):
            self.make(old.model_copy(update={"grants": more}))

    def test_nobody_vanishes(self) -> None:
        with pytest.raises(SignatureError, match="`eli` is gone"):
            self.make()

    def test_a_role_is_ended_and_not_taken_out(self) -> None:
        old = TWO.holder("eli")
        assert old is not None
        with pytest.raises(SignatureError, match="the role ml-engineer of `eli` is gone"):
            self.make(old.model_copy(update={"grants": ()}))
        ended = old.model_copy(update={"grants": (Grant(role="ml-engineer", since=after(1), until=after(2)),)})
        assert self.make(ended).keyring.find(KEYS["eli"].keyid).roles == ()

    def test_a_role_does_not_end_in_the_past(self) -> None:
        old = TWO.holder("eli")
        assert old is not None
        early = old.model_copy(update={"grants": (Grant(role="ml-engineer", since=after(1), until=after(1)),)})
        with pytest.raises(SignatureError, match="lies in the past"):
            self.make(early)

    def test_one_key_is_not_two_holders(self) -> None:
        with pytest.raises(SignatureError, match="stands twice"):
            self.make(TWO.holder("eli"), holder("eva", "validator", at=after(2), key="eli"))

    def test_one_name_is_not_two_holders(self) -> None:
        twin = holder("eli2", "validator", at=after(2), full_name="ELI  example")
        with pytest.raises(SignatureError, match="stands twice"):
            self.make(TWO.holder("eli"), twin)

    def test_a_removed_key_does_not_come_back(self) -> None:
        old = TWO.holder("eli")
        assert old is not None
        gone = old.model_copy(update={"keys": (old.keys[0].model_copy(update={"until": after(1)}),)})
        three = self.make(gone)
        with pytest.raises(SignatureError, match="was removed and is back"):
            next_version(three, [ONE.holders[0], old], issued_at=after(3), expires_at=after(300))

    def test_a_name_stays(self) -> None:
        old = TWO.holder("eli")
        assert old is not None
        with pytest.raises(SignatureError, match="name or kind of `eli` changed"):
            self.make(old.model_copy(update={"name": "Omar Example"}))


class TestWhatWasHeldWhen:
    def test_a_signature_counts_with_the_roles_of_its_filing(self) -> None:
        old = TWO.holder("eli")
        assert old is not None
        grants = (
            Grant(role="ml-engineer", since=after(1), until=after(5)), Grant(role="validator", since=after(5)),
        )  # fmt: skip
        three = next_version(
            TWO, [ONE.holders[0], old.model_copy(update={"grants": grants})], issued_at=after(5), expires_at=after(300)
        )
        envelope = KEYS["eli"].sign(b"{}")
        assert signature_state(envelope, three.keyring, at=after(2)).roles == ("ml-engineer",)
        assert signature_state(envelope, three.keyring, at=after(6)).roles == ("validator",)

    def test_a_key_counts_neither_before_it_was_trusted_nor_after_it_was_removed(self) -> None:
        old = TWO.holder("eli")
        assert old is not None
        gone = old.model_copy(update={"keys": (old.keys[0].model_copy(update={"until": after(4)}),)})
        three = next_version(TWO, [ONE.holders[0], gone], issued_at=after(5), expires_at=after(300))
        envelope = KEYS["eli"].sign(b"{}")
        states = [signature_state(envelope, three.keyring, at=after(day)).state for day in (0, 2, 4, 9)]
        assert states == ["unverified", "verified", "unverified", "unverified"]

    def test_an_envelope_that_two_signed_names_both(self) -> None:
        state = signature_state(sign_together([KEYS["ada"], KEYS["eli"]], b"{}"), TWO.keyring, at=after(2))
        assert {state.signer, *(other.signer for other in state.others)} == {"ada", "eli"}

    def test_an_expired_register_says_so(self) -> None:
        require_current(TWO, after(299))
        with pytest.raises(SignatureError, match="expired at"):
            require_current(TWO, after(300))
