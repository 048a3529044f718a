"""Countries as advertisers and lists write them: a code of ISO 3166-1, or an English name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["country_code", "country_name"]

NAMES: Final = """
Afghanistan AF|Albania AL|Algeria DZ|Andorra AD|Angola AO|Antigua and Barbuda AG|Argentina AR|Armenia AM|Australia AU
Austria AT|Azerbaijan AZ|Bahamas BS|Bahrain BH|Bangladesh BD|Barbados BB|Belarus BY|Belgium BE|Belize BZ|Benin BJ|Bhutan BT
Bolivia BO|Bosnia and Herzegovina BA|Botswana BW|Brazil BR|Brunei BN|Bulgaria BG|Burkina Faso BF|Burundi BI|Cambodia KH
Cameroon CM|Canada CA|Cape Verde CV|Central African Republic CF|Chad TD|Chile CL|China CN|Colombia CO|Comoros KM|Congo CG
Cook Islands CK|Costa Rica CR|Croatia HR|Cuba CU|Cyprus CY|Czechia CZ|Côte d'Ivoire CI|DR Congo CD|Denmark DK|Djibouti DJ
Dominica DM|Dominican Republic DO|Ecuador EC|Egypt EG|El Salvador SV|Equatorial Guinea GQ|Eritrea ER|Estonia EE|Eswatini SZ
Ethiopia ET|European Union EU|Fiji FJ|Finland FI|France FR|Gabon GA|Gambia GM|Georgia GE|Germany DE|Ghana GH|Greece GR
Grenada GD|Guatemala GT|Guinea GN|Guinea-Bissau GW|Guyana GY|Haiti HT|Honduras HN|Hong Kong HK|Hungary HU|Iceland IS
India IN|Indonesia ID|Iran IR|Iraq IQ|Ireland IE|Israel IL|Italy IT|Jamaica JM|Japan JP|Jordan JO|Kazakhstan KZ|Kenya KE
Kiribati KI|Kosovo XK|Kuwait KW|Kyrgyzstan KG|Laos LA|Latvia LV|Lebanon LB|Lesotho LS|Liberia LR|Libya LY|Liechtenstein LI
Lithuania LT|Luxembourg LU|Macau MO|Madagascar MG|Malawi MW|Malaysia MY|Maldives MV|Mali ML|Malta MT|Marshall Islands MH
Mauritania MR|Mauritius MU|Mexico MX|Micronesia FM|Moldova MD|Monaco MC|Mongolia MN|Montenegro ME|Morocco MA|Mozambique MZ
Myanmar MM|Namibia NA|Nauru NR|Nepal NP|Netherlands NL|New Zealand NZ|Nicaragua NI|Niger NE|Nigeria NG|North Korea KP
North Macedonia MK|Norway NO|Oman OM|Pakistan PK|Palau PW|Palestine PS|Panama PA|Papua New Guinea PG|Paraguay PY|Peru PE
Philippines PH|Poland PL|Portugal PT|Qatar QA|Romania RO|Russia RU|Rwanda RW|Saint Kitts and Nevis KN|Saint Lucia LC
Saint Vincent and the Grenadines VC|Samoa WS|San Marino SM|Sao Tome and Principe ST|Saudi Arabia SA|Senegal SN|Serbia RS
Seychelles SC|Sierra Leone SL|Singapore SG|Slovakia SK|Slovenia SI|Solomon Islands SB|Somalia SO|South Africa ZA
South Korea KR|South Sudan SS|Spain ES|Sri Lanka LK|Sudan SD|Suriname SR|Sweden SE|Switzerland CH|Syria SY|Taiwan TW
Tajikistan TJ|Tanzania TZ|Thailand TH|Timor-Leste TL|Togo TG|Tonga TO|Trinidad and Tobago TT|Tunisia TN|Turkey TR
Turkmenistan TM|Tuvalu TV|Uganda UG|Ukraine UA|United Arab Emirates AE|United Kingdom GB|United States US|Uruguay UY
Uzbekistan UZ|Vanuatu VU|Vatican City VA|Venezuela VE|Vietnam VN|Yemen YE|Zambia ZM|Zimbabwe ZW
"""
CODES: Final[Mapping[str, str]] = dict(one.rsplit(" ", 1) for one in NAMES.strip().replace("\n", "|").split("|"))
BY_CODE: Final[Mapping[str, str]] = {code: name for name, code in CODES.items()}
OTHERWISE: Final[Mapping[str, str]] = {
    "america": "US", "burma": "MM", "czech republic": "CZ", "england": "GB", "europen union": "EU", "great britain": "GB",
    "holland": "NL", "ivory coast": "CI", "korea": "KR", "macao": "MO", "palestine territories": "PS",
    "russian federation": "RU",
    "swaziland": "SZ", "the gambia": "GM", "the netherlands": "NL", "türkiye": "TR", "uae": "AE", "uk": "GB",
    "united states of america": "US", "usa": "US", "viet nam": "VN",
}  # fmt: skip
"""Other spellings, among them the slips of the lists that we read."""
FOLDED: Final[Mapping[str, str]] = {**{name.casefold(): code for name, code in CODES.items()}, **OTHERWISE}


def country_code(text: str) -> str | None:
    """The code of a country by its code or English name; None where it is neither."""
    told = text.strip()
    if len(told) == 2 and told.upper() in BY_CODE:
        return told.upper()
    return FOLDED.get(told.casefold())


def country_name(code: str) -> str:
    """What a country is called in English; the code itself where we have no name for it."""
    return BY_CODE.get(code.upper(), code)
