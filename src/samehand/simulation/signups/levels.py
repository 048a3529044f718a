"""The ranges from which an operation's particulars are drawn, level by level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from samehand.simulation.signups.parameters import Evasion

__all__ = ["RANGES", "Bounds", "Ranges"]

Bounds = tuple[float, float]
_NONE: Final = (0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """Bounds of what a wave of one level has; counts are log-uniform, shares uniform.

    A share says how many of the wave's accounts take the thing from the wave's own pool; the others have what people have.

    Attributes:
        sites, hosts: /24 that the wave comes from, and addresses in each; 0 sites for the networks of people.
        hosting: share of sites at hosters, the others are VPN exits. proxied: networks of people there are residential or
            mobile proxies. countries: in which accounts claim to be, or proxies are.
        devices: accounts a device. device: share on those.
        clients, client: apps on machines. updated: chance that their versions follow the releases.
        templates, template: of handles. names, name: given and family names on the list. domains, domain: mail.
        mails, mail: templates of local parts. phones, phone: prefixes. pictures, picture. links, referral: ways to come.
        leak: share with the time zone of the operator. locales, locale: languages of the kit.
        pace_s, pace_sigma, pace: median seconds over the form, spread of its logarithm, share at that pace.
        hours: `any` in sessions round the clock, `office` of the operator, `place` as people where they claim to be.
        crowd: accounts are of real people who are paid.

    """

    sites: Bounds = _NONE
    hosts: Bounds = (1, 1)
    hosting: Bounds = _NONE
    proxied: bool = False
    countries: Bounds = (1, 3)
    devices: Bounds = (1, 1)
    device: Bounds = _NONE
    clients: Bounds = (1, 1)
    client: Bounds = _NONE
    updated: float = 0.0
    templates: Bounds = (1, 1)
    template: Bounds = _NONE
    names: Bounds = (100, 400)
    name: Bounds = _NONE
    domains: Bounds = (1, 2)
    domain: Bounds = _NONE
    mails: Bounds = (1, 1)
    mail: Bounds = _NONE
    phones: Bounds = (1, 6)
    phone: Bounds = _NONE
    pictures: Bounds = (1, 8)
    picture: Bounds = _NONE
    links: Bounds = (1, 3)
    referral: Bounds = _NONE
    leak: Bounds = _NONE
    locales: Bounds = (1, 1)
    locale: Bounds = _NONE
    pace_s: Bounds = (2, 8)
    pace_sigma: Bounds = (0.05, 0.2)
    pace: Bounds = _NONE
    hours: Literal["any", "office", "place"] = "any"
    crowd: bool = False


RANGES: Final[dict[Evasion, Ranges]] = {
    "E0": Ranges(
        sites=(1, 4), hosts=(1, 4), hosting=(0.7, 1), countries=(1, 1), devices=(20, 200), device=(0.8, 1),
        client=(0.95, 1), template=(0.9, 1), names=(60, 400), name=(0.8, 1), domain=(0.8, 1), mail=(0.9, 1),
        phones=(1, 4), phone=(0.7, 1), pictures=(1, 8), picture=(0.3, 0.9), links=(1, 1), referral=(0.4, 1),
        leak=(0, 1), locale=(0.9, 1), pace=(0.9, 1),
    ),
    "E1": Ranges(
        sites=(20, 200), hosts=(1, 8), hosting=(0.1, 0.6), countries=(1, 3), devices=(2, 12), device=(0.2, 0.8),
        clients=(3, 14), client=(0.7, 1), updated=0.2, templates=(1, 4), template=(0.7, 1), names=(150, 900),
        name=(0.5, 1), domains=(1, 5), domain=(0.4, 0.9), mails=(1, 3), mail=(0.6, 1), phones=(3, 25), phone=(0.4, 0.9),
        pictures=(8, 90), picture=(0.3, 0.8), links=(1, 3), referral=(0.2, 0.7), leak=(0.2, 0.8), locale=(0.6, 1),
        pace_s=(5, 22), pace_sigma=(0.15, 0.4), pace=(0.7, 1), hours="any",
    ),
    "E2": Ranges(
        proxied=True, countries=(6, 28), devices=(1, 3), device=(0.1, 0.5), clients=(4, 20), client=(0.6, 0.95), updated=0.3,
        templates=(1, 5), template=(0.6, 0.95), names=(200, 1_000), name=(0.4, 1), domains=(1, 6), domain=(0.3, 0.8),
        mails=(1, 4), mail=(0.5, 0.95), phones=(8, 80), phone=(0.3, 0.7), pictures=(15, 150), picture=(0.2, 0.7), links=(1, 5),
        referral=(0.05, 0.4), leak=(0.2, 0.8), locales=(1, 2), locale=(0.5, 0.95), pace_s=(8, 35), pace_sigma=(0.2, 0.45),
        pace=(0.6, 1), hours="office",
    ),
    "E3": Ranges(
        proxied=True, countries=(1, 5), clients=(20, 100), client=(0, 0.15), updated=1.0, templates=(4, 14),
        template=(0.05, 0.35), names=(500, 1_400), name=(0.3, 0.8), domains=(3, 8), domain=(0, 0.15), mails=(3, 8),
        mail=(0.05, 0.3), phones=(200, 900), phone=(0.05, 0.3), pictures=(100, 900), picture=(0, 0.12), links=(1, 6),
        referral=(0, 0.15), leak=(0.005, 0.06), locale=(0.01, 0.08), pace_s=(30, 75), pace_sigma=(0.4, 0.6), pace=(0.2, 0.8),
        hours="place",
    ),
    "E4": Ranges(
        countries=(2, 6), links=(1, 8), referral=(0.05, 0.35), pace_s=(22, 50), pace_sigma=(0.45, 0.65), pace=(0.2, 0.7),
        hours="place", crowd=True,
    ),
}  # fmt: skip
