"""Invented creators, the same ones in every demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from portal.creators.models import Platform

FIRST = [
    "Aisha",
    "Ngozi",
    "Hannah",
    "Owen",
    "Jonas",
    "Luca",
    "Priya",
    "Yuki",
    "Sofia",
    "Thandi",
    "Diego",
    "Emily",
    "Marcus",
    "Lena",
    "Tomás",
    "Zoë",
    "Amara",
    "Bruno",
    "Chiara",
    "Darius",
    "Elif",
    "Farid",
    "Greta",
    "Hugo",
    "Ines",
    "Jakub",
    "Kaia",
    "Leila",
    "Mateo",
    "Nadia",
    "Oskar",
    "Paloma",
    "Quinn",
    "Rania",
    "Stellan",
    "Tariq",
    "Uma",
    "Viktor",
    "Wanjiru",
    "Ximena",
    "Yara",
    "Zane",
]
LAST = [
    "Patel",
    "Okafor",
    "Doyle",
    "Gallagher",
    "Berg",
    "Moretti",
    "Raman",
    "Tanaka",
    "Lindgren",
    "Mbeki",
    "Fernández",
    "Chen",
    "Lee",
    "Andrews",
    "Rivera",
    "Bakker",
    "Diallo",
    "Costa",
    "Ricci",
    "Novak",
    "Demir",
    "Haddad",
    "Weber",
    "Laurent",
    "Silva",
    "Kowalski",
    "Halvorsen",
    "Nasser",
    "Ortega",
    "Petrov",
    "Nyström",
    "Vega",
    "Murphy",
    "Khalil",
    "Holm",
    "Aziz",
    "Rao",
    "Sokolov",
    "Kamau",
    "Flores",
    "Saleh",
    "Brandt",
]
NICHES = ("brews", "pours", "mornings", "roasts", "cups", "kitchen", "slowbar", "beans")
COUNTRIES = ("US", "US", "US", "CA", "CA")
ZONES = {"US": ("America/Chicago", "America/New_York", "America/Los_Angeles"),
         "CA": ("America/Toronto", "America/Vancouver")}  # fmt: skip
PLATFORMS = (Platform.INSTAGRAM, Platform.TIKTOK, Platform.YOUTUBE)


@dataclass(frozen=True, slots=True)
class Persona:
    """One made-up creator; likes and comments are per post."""

    name: str
    handle: str
    email: str
    country: str
    platform: Platform
    followers: int
    likes: int
    comments: int

    @property
    def zone(self) -> str:
        """Where she lives; the same in every demo."""
        zones = ZONES[self.country]
        return zones[self.followers % len(zones)]


def personas(count: int, seed: str, domain: str) -> Iterator[Persona]:
    """`count` different people, the same ones for the same seed; all above 3,000 followers."""
    chance = Random(seed)
    pairs = [(first, last) for first in FIRST for last in LAST]
    chance.shuffle(pairs)
    for number in range(count):
        first, last = pairs[number % len(pairs)]
        followers = 3000 + int(1.6 ** chance.randint(4, 22))
        likes = followers * chance.randint(330, 900) // 10_000
        plain = first.encode("ascii", "ignore").decode().lower()
        yield Persona(
            name=f"{first} {last}",
            handle=f"{plain}.{chance.choice(NICHES)}{number}",
            email=f"{plain}{seed[0]}{number}@{domain}",
            country=chance.choice(COUNTRIES),
            platform=chance.choice(PLATFORMS),
            followers=followers,
            likes=likes,
            comments=max(1, likes // 14),
        )
