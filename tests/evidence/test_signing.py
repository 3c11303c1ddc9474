"""Keys, envelopes, and what a signature is worth."""

import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.model.canonical import canonical_bytes, digest_bytes
from evidence.model.errors import QuaestorError, SignatureError
from evidence.model.notes import SnapshotNote, new_note
from evidence.model.record import plain_statement
from evidence.trust.envelopes import (
    kept_note,
    kept_payload,
    kept_statement,
    open_envelope,
    seal,
    signature_state,
    unseal,
)
from evidence.trust.keys import Keyring, SigningKey, TrustedKey, sign_together
from tests.worlds.people import holder, key_of

KEY, OTHER = key_of("ana"), key_of("mallory")
RING = Keyring(keys=holder("ana", "validator", name="Ana Ruiz").trusted())
PAYLOAD = b'{"a":1}'
SIGNED = KEY.sign(PAYLOAD)


NOTED = new_note(SnapshotNote(system_id="s", snapshot={"share": 0.5}), {"m": f"sha256:{64 * 'a'}"})


class TestKeptNote:
    def test_it_is_what_the_careful_reading_gives(self) -> None:
        data = seal(NOTED, [KEY]).data
        assert kept_note(data, NOTED.id, SnapshotNote) == SnapshotNote.from_json(NOTED.predicate)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"0.5", b"NaN"),
            (b"0.5", b"-Infinity"),
            (b'"m"', b"5"),
            (b"snapshot/v1", b"charts/v1"),
            (b'"system_id"', b'"another":1,"system_id"'),
            (b'"subject"', b'"another":1,"subject"'),
            (b"}", b""),
        ],
    )
    def test_what_does_not_fit_is_left_to_it(self, old: bytes, new: bytes) -> None:
        payload = NOTED.payload.replace(old, new)
        assert payload != NOTED.payload
        assert kept_note(KEY.sign(payload), digest_bytes(payload), SnapshotNote) is None

    def test_nor_is_another_payload_under_the_id(self) -> None:
        assert kept_note(SIGNED, NOTED.id, SnapshotNote) is None


class TestEnvelope:
    def test_a_trusted_key_verifies_and_names_its_holder(self) -> None:
        state = signature_state(SIGNED, RING)
        assert (state.state, state.signer, state.kind, state.roles) == ("verified", "ana", "person", ("validator",))
        assert open_envelope(SIGNED, where="x") == PAYLOAD

    def test_an_ecdsa_key_does_as_well(self) -> None:
        key = SigningKey(generate_private_key(SECP256R1()))
        known = TrustedKey(keyid=key.keyid, public_key=key.public_key, holder="eli", name="Eli", kind="machine")
        ring = Keyring(keys=(known,))
        assert signature_state(key.sign(PAYLOAD), ring).state == "verified"

    def test_no_signature_is_absent_and_a_stranger_is_unverified(self) -> None:
        assert signature_state(sign_together([], PAYLOAD), RING).state == "absent"
        assert signature_state(OTHER.sign(PAYLOAD), RING).state == "unverified"

    def test_what_was_sealed_is_what_its_bytes_say_in_canonical_form(self) -> None:
        statement = plain_statement({"über": f"sha256:{64 * 'a'}"}, "https://example.org/x", {"said": "naïve \u2028"})
        for signers in ((), (KEY,), (KEY, OTHER)):
            sealed = seal(statement, signers)
            assert unseal(sealed.data, where="x") == sealed
            assert canonical_bytes(json.loads(sealed.data)) == sealed.data
            assert signature_state(sealed, RING) == signature_state(sealed.data, RING)
        assert seal(statement, [KEY]).data == KEY.sign(statement.payload)

    def test_what_a_store_keeps_under_its_id_is_what_was_sealed(self) -> None:
        statement = plain_statement({"über": f"sha256:{64 * 'a'}"}, "https://example.org/x", {"said": [1.5, "naïve"]})
        data = seal(statement, [KEY]).data
        kept = kept_statement(data, statement.id, where="x")
        assert (kept, kept.payload, kept.id) == (statement, statement.payload, statement.id)

    @pytest.mark.parametrize("payload", [b"[1]", b'{"a":NaN}', b'{"a":' * 300 + b"1" + b"}" * 300, b"\xff"])
    def test_what_is_no_object_is_kept_under_no_id(self, payload: bytes) -> None:
        data, id = KEY.sign(payload), digest_bytes(payload)
        assert kept_payload(data, id) is None
        with pytest.raises(QuaestorError):
            kept_statement(data, id, where="x")

    def test_under_another_id_or_type_a_payload_is_read_with_care(self) -> None:
        twice = KEY.sign(b'{"a":1,"a":2}')
        assert kept_payload(twice, digest_bytes(PAYLOAD)) is None
        with pytest.raises(QuaestorError, match="stands twice"):
            kept_statement(twice, digest_bytes(PAYLOAD), where="x")
        assert kept_payload(SIGNED, digest_bytes(PAYLOAD)) == (PAYLOAD, {"a": 1})
        assert kept_payload(SIGNED.replace(b"vnd.in-toto+json", b"json"), digest_bytes(PAYLOAD)) is None

    @settings(max_examples=500)
    @given(
        st.binary(max_size=9),
        st.lists(st.tuples(st.integers(0, 12), st.sampled_from('A-_+/=\\" \n\x00é\ud800')), max_size=3),
    )
    def test_base64_is_read_as_strictly_as_python_reads_it(self, data: bytes, odd: list[tuple[int, str]]) -> None:
        text = b64encode(data).decode()
        for place, sign in odd:
            text = text[:place] + sign + text[place + 1 :]
        value = json.dumps({**json.loads(SIGNED), "payload": text}).encode()
        try:
            wanted = b64decode(text, validate=True)
        except ValueError:
            with pytest.raises(SignatureError, match="not a DSSE envelope"):
                open_envelope(value, where="x")
        else:
            assert open_envelope(value, where="x") == wanted

    def test_a_second_text_for_one_payload_is_refused(self) -> None:
        payload = canonical_bytes({"said": "~~~???"})
        for text in (urlsafe_b64encode(payload).decode(), b64encode(payload).decode().rstrip("=")):
            assert text != b64encode(payload).decode()
            data = json.dumps({**json.loads(SIGNED), "payload": text}).encode()
            assert kept_payload(data, digest_bytes(payload)) is None
            with pytest.raises(SignatureError):
                kept_statement(data, digest_bytes(payload), where="x")

    def test_a_changed_payload_is_unverified(self) -> None:
        value = json.loads(SIGNED)
        value["payload"] = b64encode(b'{"a":2}').decode()
        assert signature_state(json.dumps(value).encode(), RING).state == "unverified"

    def test_a_stranger_under_a_trusted_key_id_is_unverified(self) -> None:
        value = json.loads(OTHER.sign(PAYLOAD))
        value["signatures"][0]["keyid"] = KEY.keyid
        assert signature_state(json.dumps(value).encode(), RING).state == "unverified"

    @settings(max_examples=60)
    @given(st.data())
    def test_no_flipped_byte_stays_verified_with_another_payload(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(0, len(SIGNED) - 1))
        flipped = bytearray(SIGNED)
        flipped[position] ^= data.draw(st.integers(1, 255))
        try:
            state = signature_state(bytes(flipped), RING)
            payload = open_envelope(bytes(flipped), where="x")
        except QuaestorError:
            return
        assert state.state != "verified" or payload == PAYLOAD

    @pytest.mark.parametrize(
        "data", [b"[]", b"{}", b"null", b'{"payload":"!","payloadType":"x","signatures":[]}', b'{"payload":5}']
    )
    def test_what_is_no_envelope_is_refused(self, data: bytes) -> None:
        with pytest.raises(QuaestorError):
            signature_state(data, RING)

    def test_another_payload_type_is_refused(self) -> None:
        with pytest.raises(SignatureError, match="payload type"):
            open_envelope(SIGNED.replace(b"application/vnd.in-toto+json", b"text/plain"), where="x")

    def test_base64_has_one_text_for_one_payload(self) -> None:
        value = json.loads(SIGNED)
        value["payload"] = value["payload"][:2] + "\n" + value["payload"][2:]
        assert b64decode(value["payload"]) == PAYLOAD
        with pytest.raises(QuaestorError):
            open_envelope(json.dumps(value).encode(), where="x")


class TestKeys:
    def test_a_key_file_is_the_owners_alone_and_never_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "key.pem"
        KEY.save(path)
        assert path.stat().st_mode & 0o077 == 0
        with pytest.raises(FileExistsError):
            OTHER.save(path)
        assert SigningKey.load(path).keyid == KEY.keyid

    @pytest.mark.parametrize(
        "text", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", KEY.public_key]
    )
    def test_what_is_no_private_key_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "key.pem").write_text(text)
        with pytest.raises(SignatureError, match="private key"):
            SigningKey.load(tmp_path / "key.pem")
