"""Where people live: countries with their languages, clocks, networks and means. Shares are rough and invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.simulation.signups.rows import Array
from samehand.simulation.signups.sampling import Grouped

__all__ = ["COUNTRIES", "CULTURES", "LOCALES", "ZONES", "Places", "country"]

CULTURES: Final = ("west", "south", "slavic", "arab", "han", "kana", "hangul", "indic", "malay", "afric")
_TABLE: Final = """
US 13 west en-US:.84,es-US:.09,zh-CN:.02 America/New_York:-5:.5,America/Chicago:-6:.3,America/Denver:-7:.2 1 .15 .5 .3
GB 5 west en-GB:.9,pl-PL:.02,ar-EG:.01,zh-CN:.01 Europe/London:0:1 44 .12 .4 .3
DE 5 west de-DE:.86,tr-TR:.04,en-GB:.05,ru-RU:.02 Europe/Berlin:1:1 49 .12 .55 .4
FR 4.5 south fr-FR:.92,ar-MA:.02,en-GB:.03 Europe/Paris:1:1 33 .15 .5 .35
IT 3.4 south it-IT:.93,en-GB:.03,ro-RO:.02 Europe/Rome:1:1 39 .2 .1 .5
ES 3.2 south es-ES:.88,ca-ES:.06,en-GB:.03 Europe/Madrid:1:.96,Atlantic/Canary:0:.04 34 .2 .1 .4
NL 1.6 west nl-NL:.86,en-GB:.08,tr-TR:.02 Europe/Amsterdam:1:1 31 .08 .4 .3
SE 1 west sv-SE:.86,en-GB:.08,ar-EG:.02 Europe/Stockholm:1:1 46 .08 .2 .4
PL 2.4 slavic pl-PL:.93,en-GB:.04,uk-UA:.02 Europe/Warsaw:1:1 48 .2 .2 .5
UA 1.6 slavic uk-UA:.6,ru-UA:.34,en-GB:.02 Europe/Kyiv:2:1 380 .4 .1 .5
RU 4 slavic ru-RU:.96,en-US:.02 Europe/Moscow:3:.7,Asia/Yekaterinburg:5:.18,Asia/Novosibirsk:7:.12 7 .35 .1 .6
TR 3 south tr-TR:.93,ar-EG:.02,en-US:.02 Europe/Istanbul:3:1 90 .35 .1 .6
GR .9 south el-GR:.9,en-GB:.06 Europe/Athens:2:1 30 .25 .5 .4
RO 1.2 south ro-RO:.93,en-GB:.04 Europe/Bucharest:2:1 40 .25 .3 .4
EG 2.4 arab ar-EG:.9,en-US:.07 Africa/Cairo:2:1 20 .55 .05 .8
SA 1.8 arab ar-SA:.84,en-US:.1 Asia/Riyadh:3:1 966 .15 .4 .6
MA 1.1 arab ar-MA:.55,fr-FR:.4 Africa/Casablanca:1:1 212 .5 .05 .8
IR 1.8 arab fa-IR:.95,en-US:.03 Asia/Tehran:3.5:1 98 .5 .05 .8
IQ .9 arab ar-IQ:.92,en-US:.04 Asia/Baghdad:3:1 964 .55 .02 .85
AE .7 arab ar-AE:.35,en-US:.4,hi-IN:.1 Asia/Dubai:4:1 971 .1 .4 .5
CN .5 han zh-CN:.97,en-US:.02 Asia/Shanghai:8:1 86 .25 .4 .8
HK 1.4 han zh-HK:.7,en-GB:.16,zh-CN:.12 Asia/Hong_Kong:8:1 852 .12 .2 .4
TW 1.7 han zh-TW:.93,en-US:.05 Asia/Taipei:8:1 886 .12 .5 .4
SG .9 han en-SG:.7,zh-CN:.18,ms-MY:.05 Asia/Singapore:8:1 65 .1 .4 .4
JP 5 kana ja-JP:.97,en-US:.01,zh-CN:.01 Asia/Tokyo:9:1 81 .1 .5 .3
KR 2.4 hangul ko-KR:.96,en-US:.02 Asia/Seoul:9:1 82 .08 .2 .3
IN 10 indic en-IN:.55,hi-IN:.4 Asia/Kolkata:5.5:1 91 .55 .65 .8
PK 2 indic en-PK:.5,ur-PK:.45 Asia/Karachi:5:1 92 .6 .1 .85
BD 1.8 indic bn-BD:.6,en-US:.35 Asia/Dhaka:6:1 880 .6 .1 .9
ID 6 malay id-ID:.93,en-US:.04 Asia/Jakarta:7:.85,Asia/Makassar:8:.15 62 .5 .1 .85
MY 1.6 malay ms-MY:.45,en-US:.3,zh-CN:.18 Asia/Kuala_Lumpur:8:1 60 .3 .4 .6
PH 3.4 malay en-PH:.7,fil-PH:.26 Asia/Manila:8:1 63 .5 .1 .85
TH 2.2 malay th-TH:.94,en-US:.04 Asia/Bangkok:7:1 66 .35 .4 .7
VN 2.4 malay vi-VN:.95,en-US:.03 Asia/Ho_Chi_Minh:7:1 84 .4 .45 .7
NG 2.4 afric en-NG:.93,en-US:.04 Africa/Lagos:1:1 234 .65 .02 .9
KE 1.1 afric en-KE:.7,sw-KE:.26 Africa/Nairobi:3:1 254 .6 .05 .9
ZA 1.3 afric en-ZA:.9,af-ZA:.06 Africa/Johannesburg:2:1 27 .4 .1 .7
ET .5 afric am-ET:.6,en-US:.36 Africa/Addis_Ababa:3:1 251 .7 .02 .9
BR 7 south pt-BR:.95,en-US:.02 America/Sao_Paulo:-3:.94,America/Manaus:-4:.06 55 .4 .45 .6
MX 4 south es-MX:.93,en-US:.04 America/Mexico_City:-6:.9,America/Tijuana:-8:.1 52 .4 .3 .6
AR 1.8 south es-AR:.95,en-US:.02 America/Argentina/Buenos_Aires:-3:1 54 .35 .2 .6
CO 1.6 south es-CO:.95,en-US:.02 America/Bogota:-5:1 57 .45 .2 .7
VE .8 south es-VE:.96,en-US:.02 America/Caracas:-4:1 58 .6 .05 .8
CA 2 west en-CA:.72,fr-CA:.18,zh-CN:.02,en-IN:.03 America/Toronto:-5:.68,America/Vancouver:-8:.32 1 .12 .4 .3
AU 1.7 west en-AU:.9,zh-CN:.03 Australia/Sydney:10:.75,Australia/Perth:8:.25 61 .12 .4 .3
"""
"""Code, weight, culture of names, locales, zones with hours from UTC, calling code, hardship, IPv6 and CGNAT shares."""

_LINES: Final = [line.split() for line in _TABLE.strip().splitlines()]
COUNTRIES: Final = tuple(line[0] for line in _LINES)


def _pairs(text: str) -> list[tuple[str, float]]:
    return [(part.rpartition(":")[0], float(part.rpartition(":")[2])) for part in text.split(",")]


def _zone_hours(text: str) -> tuple[str, float]:
    name, _, hours = text.rpartition(":")
    return name, float(hours)


LOCALES: Final = tuple(sorted({name for line in _LINES for name, _ in _pairs(line[3])}))
_ZONED: Final = [[(*_zone_hours(name), share) for name, share in _pairs(line[4])] for line in _LINES]
_OFFSETS: Final = {name: hours for zones in _ZONED for name, hours, _ in zones} | {"UTC": 0.0}
ZONES: Final = tuple(sorted(_OFFSETS))


def country(code: str) -> int:
    """The number of a country."""
    return COUNTRIES.index(code)


@dataclass(frozen=True)
class Places:
    """Countries by number, as they are in one world.

    Attributes:
        weight: share of people who live there. culture: of their names. calling: code of their telephones.
        hardship, v6, cgnat: 0 to 1: old handsets, IPv6, and mobile carriers that share addresses.
        locale, zone: which of LOCALES and ZONES people there have. offset_s: of each zone, seconds from UTC.

    """

    weight: Array
    culture: Array
    calling: Array
    hardship: Array
    v6: Array
    cgnat: Array
    locale: Grouped
    zone: Grouped
    offset_s: Array

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Places:
        """The countries with weights of this world: some are large here, some hardly there."""
        weight = np.array([float(line[1]) for line in _LINES]) * rng.lognormal(0, 0.6, len(_LINES))
        return cls(
            weight=weight / weight.sum(),
            culture=np.array([CULTURES.index(line[2]) for line in _LINES]),
            calling=np.array([int(line[5]) for line in _LINES]),
            hardship=np.array([float(line[6]) for line in _LINES]),
            v6=np.array([float(line[7]) for line in _LINES]),
            cgnat=np.array([float(line[8]) for line in _LINES]),
            locale=_shares([[(LOCALES.index(name), share) for name, share in _pairs(line[3])] for line in _LINES]),
            zone=_shares([[(ZONES.index(name), share) for name, _, share in zones] for zones in _ZONED]),
            offset_s=np.array([_OFFSETS[name] * 3_600 for name in ZONES]),
        )


def _shares(of: list[list[tuple[int, float]]]) -> Grouped:
    group = np.array([number for number, shares in enumerate(of) for _ in shares])
    items = np.array([item for shares in of for item, _ in shares])
    found = Grouped.of(group, np.array([share for shares in of for _, share in shares]), len(of))
    return Grouped(items[found.items], found.total, found.first)
