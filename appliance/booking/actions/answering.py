"""Answers to custom fields: read when a booking is made, kept with it, forgotten when their days are over (DY-61)."""

from collections.abc import Mapping
from typing import Final

from appliance.booking.answer_store import forget_old_answers, put_answers
from appliance.booking.bookings import Booking
from appliance.booking.catalogue import Catalogue
from appliance.booking.custom_fields import Answer, asked_with, read_answers
from appliance.booking.services import Service
from appliance.foundation.errors import FieldError, Invalid
from appliance.foundation.instants import DAY, Instant
from appliance.storage.unit_of_work import Transaction

FORGET_ANSWERS: Final = "forget_answers"


def read_for(
    catalogue: Catalogue, service: Service, given: Mapping[str, object]
) -> tuple[Answer, ...] | list[FieldError]:
    """The answers to what is asked with a service, or every mistake in them."""
    return read_answers(asked_with(catalogue.fields, service), given, catalogue.facility.region)


def keep_answers(tx: Transaction, catalogue: Catalogue, booked: Booking, given: Mapping[str, object]) -> None:
    """Keep what was answered with a booking that is being made. Invalid with every mistake: then nothing is made."""
    service = catalogue.service(booked.service_id)
    if service is None or booked.customer_id is None:
        return
    answers = read_for(catalogue, service, given)
    if isinstance(answers, list):
        raise Invalid(*answers)
    put_answers(tx, booked.id, booked.customer_id, answers)


def forget_answers(tx: Transaction, _facility_id: str) -> Instant:
    """Forget, once a day, what may not be kept any longer."""
    forget_old_answers(tx)
    return tx.now + DAY
