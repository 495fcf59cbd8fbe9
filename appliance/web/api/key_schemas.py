"""What the contract says of keys that are bound to something: cards, phones, rotating passes, backup PINs."""

import marshmallow as ma

from appliance.keys.cards import CardFormat
from appliance.web.api.complaints import MISSING, Asked, one_of
from appliance.web.api.fields import InstantField, bounded, counted
from appliance.web.api.schemas import KeySchema


class LinkSchema(Asked):
    """Whose booking a phone is bound to; for callers without the token of a reader."""

    booking = ma.fields.String(load_default="", metadata={"description": "the id of the booking"})
    sig = ma.fields.String(load_default="", metadata={"description": "the signature of the link under `links.self`"})


_IN_FORCE = ma.fields.String(validate=ma.validate.OneOf(["done", "pending"]))


class CardRequestSchema(Asked):
    """A card, by its bits as a reader shows them or by what is printed on it; and a customer or a booking of theirs."""

    customer = bounded(60)
    booking = bounded(60)
    bits = bounded(80)
    format = ma.fields.String(validate=one_of(*CardFormat))
    facility_code = counted(0, 2**16 - 1)
    number = counted(0, 2**35 - 1)

    @ma.validates_schema(skip_on_field_errors=False, pass_original=True)
    def _whole(self, _data: object, original: object, **_options: object) -> None:
        given = original if isinstance(original, dict) else {}
        missing = {} if "customer" in given or "booking" in given else {"customer": [MISSING]}
        if "bits" not in given:
            missing |= {name: [MISSING] for name in ("format", "number") if name not in given}
        if missing:
            raise ma.ValidationError(missing)


class CardsQuerySchema(Asked):
    """Whose cards; everybody's when nobody is named."""

    customer = ma.fields.String(load_default="")


class CardSchema(ma.Schema):
    """A card of a customer. Its number is kept sealed and not told."""

    id = ma.fields.String(required=True)
    customer = ma.fields.String(required=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(["live", "blocked"]))
    bound_at = ma.fields.String(required=True)
    in_force = _IN_FORCE


class CardsSchema(ma.Schema):
    """Cards, oldest first."""

    cards = ma.fields.List(ma.fields.Nested(CardSchema), required=True)


class MobileKeyRequestSchema(Asked):
    """A phone's public key: raw P-256 or Ed25519 in base64url, as WebCrypto exports it."""

    public_key = bounded(120, required=True)


class MobileKeySchema(ma.Schema):
    """A phone that opens for a booking."""

    id = ma.fields.String(required=True)
    valid_from = ma.fields.String(required=True)
    valid_to = ma.fields.String(required=True)
    doors = ma.fields.List(ma.fields.String(), required=True)
    in_force = _IN_FORCE


class MobileKeysSchema(ma.Schema):
    """The phones of a booking."""

    mobile_keys = ma.fields.List(ma.fields.Nested(MobileKeySchema), required=True)


class RotatingPassSchema(KeySchema):
    """A pass with a code: the phone shows `PV2`, the token behind its `PV1`, and the TOTP digits of now (RFC 6238).

    The hash is HMAC-SHA-256.
    """

    seed = ma.fields.String(required=True, metadata={"description": "the secret of the codes, in base64url"})
    step_s = ma.fields.Integer(required=True)
    digits = ma.fields.Integer(required=True)


class BackupPinRequestSchema(Asked):
    """Why a backup PIN is given out, which goes into the journal, and for how many minutes; usually 30."""

    reason = bounded(200, required=True)
    minutes = counted(1, 240)


class BackupPinAtSchema(BackupPinRequestSchema):
    """The same, and at which door."""

    door = bounded(60, required=True)


class BackupPinSchema(ma.Schema):
    """A PIN that opens one door once."""

    code = ma.fields.String(required=True)
    door = ma.fields.String(required=True)
    valid_from = ma.fields.String(required=True)
    valid_to = ma.fields.String(required=True)
    in_force = _IN_FORCE


class AlarmsQuerySchema(Asked):
    """Since when."""

    from_ = InstantField(data_key="from")


class AlarmSchema(ma.Schema):
    """Somebody opened a door and asked for help."""

    seq = ma.fields.Integer(required=True)
    door = ma.fields.String(required=True)
    booking = ma.fields.String(allow_none=True)
    at = ma.fields.String(required=True)


class AlarmsSchema(ma.Schema):
    """Calls for help, newest first."""

    alarms = ma.fields.List(ma.fields.Nested(AlarmSchema), required=True)
