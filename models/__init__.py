"""The tables of the original system, by noun. The guide's own tables are in enhanced_models.py."""

from models.gate import Admission, GateAlarm, GateDevice, Scan, TicketTransfer
from models.grounds import Bay, CarPark, CarParkBays, Gate, Layout, Level, Seat, SeatRow, Stadium, Stand
from models.live import MatchImport, MatchReplay, MatchSnapshot, Person, ScorerLock, Venue, VenueAlias
from models.match import Event, EventMatch, EventPrice, Match, MatchOfficial, Official, Player, Team
from models.people import Credential, Customer, LoginSession, Membership, StaffRole
from models.sales import Booking, BookingLine, ParkingClaim, ParkingPass, PaymentEvent, Refund, RefundLine, SeatClaim, SigningKey, Ticket

__all__ = [
    "Admission",
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
    "GateAlarm",
    "GateDevice",
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
    "Scan",
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
    "TicketTransfer",
    "Venue",
    "VenueAlias",
]
