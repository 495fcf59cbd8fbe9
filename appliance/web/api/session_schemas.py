"""What signing in takes and tells."""

import marshmallow as ma

from appliance.identity.passwords import PASSWORD_LIMIT
from appliance.identity.signing_in import SHORTEST_PASSWORD
from appliance.web.api.complaints import Asked, at_most
from appliance.web.api.fields import bounded


class SignInSchema(Asked):
    """A user name and password; `code` is for a second factor where one is set up."""

    user = bounded(80, required=True)
    password = ma.fields.String(required=True, validate=at_most(PASSWORD_LIMIT))
    code = bounded(20)


class PasswordSchema(Asked):
    """One's present password, and the one that takes its place."""

    old = ma.fields.String(required=True, validate=at_most(PASSWORD_LIMIT))
    # Only described: a short one is a refusal, which comes with the sentence for people.
    new = ma.fields.String(required=True, validate=at_most(PASSWORD_LIMIT), metadata={"minLength": SHORTEST_PASSWORD})


class SessionSchema(ma.Schema):
    """A staff session: the cookie carries it, the token goes with every request that changes something."""

    user = ma.fields.String(required=True)
    role = ma.fields.String(required=True)
    csrf_token = ma.fields.String(required=True)
    must_change_password = ma.fields.Boolean(required=True)
