"""The tables of the original system, by noun. The guide's own tables are in enhanced_models.py."""

from models.grounds import Bay, CarPark, CarParkBays, Gate, Layout, Level, Seat, SeatRow, Stadium, Stand
from models.live import MatchImport, MatchReplay, MatchSnapshot, Person, ScorerLock, Venue, VenueAlias
from models.match import Event, EventMatch, EventPrice, Match, MatchOfficial, Official, Player, Team
from models.people import Credential, Customer, LoginSession, Membership, StaffRole
from models.sales import Booking, BookingLine, ParkingClaim, ParkingPass, PaymentEvent, Refund, RefundLine, SeatClaim, SigningKey, Ticket

__all__ = [
    "Bay",
    "Booking",
    "BookingLine",
    "CarPark",
    "CarParkBays",
    "Credential",
    "Customer",
    "Event",
    "EventMatch",
    "EventPrice",
    "Gate",
    "Layout",
    "Level",
    "LoginSession",
    "Match",
    "MatchImport",
    "MatchOfficial",
    "MatchReplay",
    "MatchSnapshot",
    "Membership",
    "Official",
    "ParkingClaim",
    "ParkingPass",
    "PaymentEvent",
    "Person",
    "Player",
    "Refund",
    "RefundLine",
    "ScorerLock",
    "Seat",
    "SeatClaim",
    "SeatRow",
    "SigningKey",
    "Stadium",
    "StaffRole",
    "Stand",
    "Team",
    "Ticket",
    "Venue",
    "VenueAlias",
]
