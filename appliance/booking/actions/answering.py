"""Answers to custom fields: read when a booking is made, kept with it, forgotten when their days are over (DY-61)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from appliance.booking.answer_store import answers_of_bookings, forget_old_answers, put_answers
from appliance.booking.bookings import Booking
from appliance.booking.catalogue import Catalogue
from appliance.booking.custom_fields import Answer, asked_with, read_answers
from appliance.booking.services import Service
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import DAY, Instant
from appliance.storage.unit_of_work import Transaction

FORGET_ANSWERS: Final = "forget_answers"


def read_for(
    catalogue: Catalogue, services: Iterable[Service], given: Mapping[str, object]
) -> tuple[Answer, ...] | list[FieldError]:
    """The answers to what is asked with some services, or every mistake in them."""
    return read_answers(asked_with(catalogue.fields, *services), given, catalogue.facility.region)


def keep_answers(
    tx: Transaction, catalogue: Catalogue, customer_id: str, made: Sequence[Booking], given: Mapping[str, object]
) -> None:
    """Keep what a customer answered, once, with the bookings that are being made: each has what its service asks.

    Invalid with every mistake: then nothing is made.
    """
    services = {each.id: catalogue.service(each.service_id) for each in made}
    answers = read_for(catalogue, (service for service in services.values() if service is not None), given)
    if isinstance(answers, list):
        raise Invalid(*answers)
    asked = {
        booking_id: {each.id for each in asked_with(catalogue.fields, service)}
        for booking_id, service in services.items()
        if service is not None
    }
    put_answers(
        tx,
        customer_id,
        {booking_id: [each for each in answers if each.field_id in wanted] for booking_id, wanted in asked.items()},
    )


def answered_before(tx: Transaction, catalogue: Catalogue, made: Sequence[Booking]) -> dict[str, object]:
    """What was answered with bookings of one service, as far as it is still asked and kept; of several the last."""
    asked = {each.id for each in catalogue.fields if not each.archived}
    kept = answers_of_bookings(tx, [each.id for each in made]) if asked else []
    return {each.slug: each.value for _, each in kept if each.field_id in asked}


def forget_answers(tx: Transaction, _facility_id: str) -> Instant:
    """Forget, once a day, what may not be kept any longer."""
    forget_old_answers(tx)
    return tx.now + DAY
