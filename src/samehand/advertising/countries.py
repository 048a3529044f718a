"""Countries as advertisers and lists write them: a code of ISO 3166, or an English name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["country_code", "country_in_words", "country_name"]

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
LONG_CODES: Final = """
AFG AF|ALB AL|DZA DZ|AND AD|AGO AO|ATG AG|ARG AR|ARM AM|AUS AU|AUT AT|AZE AZ|BHS BS|BHR BH|BGD BD|BRB BB|BLR BY|BEL BE
BLZ BZ|BEN BJ|BTN BT|BOL BO|BIH BA|BWA BW|BRA BR|BRN BN|BGR BG|BFA BF|BDI BI|KHM KH|CMR CM|CAN CA|CPV CV|CAF CF|TCD TD
CHL CL|CHN CN|COL CO|COM KM|COG CG|COK CK|CRI CR|HRV HR|CUB CU|CYP CY|CZE CZ|CIV CI|COD CD|DNK DK|DJI DJ|DMA DM|DOM DO
ECU EC|EGY EG|SLV SV|GNQ GQ|ERI ER|EST EE|SWZ SZ|ETH ET|FJI FJ|FIN FI|FRA FR|GAB GA|GMB GM|GEO GE|DEU DE|GHA GH|GRC GR
GRD GD|GTM GT|GIN GN|GNB GW|GUY GY|HTI HT|HND HN|HKG HK|HUN HU|ISL IS|IND IN|IDN ID|IRN IR|IRQ IQ|IRL IE|ISR IL|ITA IT
JAM JM|JPN JP|JOR JO|KAZ KZ|KEN KE|KIR KI|XKX XK|KWT KW|KGZ KG|LAO LA|LVA LV|LBN LB|LSO LS|LBR LR|LBY LY|LIE LI|LTU LT
LUX LU|MAC MO|MDG MG|MWI MW|MYS MY|MDV MV|MLI ML|MLT MT|MHL MH|MRT MR|MUS MU|MEX MX|FSM FM|MDA MD|MCO MC|MNG MN|MNE ME
MAR MA|MOZ MZ|MMR MM|NAM NA|NRU NR|NPL NP|NLD NL|NZL NZ|NIC NI|NER NE|NGA NG|PRK KP|MKD MK|NOR NO|OMN OM|PAK PK|PLW PW
PSE PS|PAN PA|PNG PG|PRY PY|PER PE|PHL PH|POL PL|PRT PT|QAT QA|ROU RO|RUS RU|RWA RW|KNA KN|LCA LC|VCT VC|WSM WS|SMR SM
STP ST|SAU SA|SEN SN|SRB RS|SYC SC|SLE SL|SGP SG|SVK SK|SVN SI|SLB SB|SOM SO|ZAF ZA|KOR KR|SSD SS|ESP ES|LKA LK|SDN SD
SUR SR|SWE SE|CHE CH|SYR SY|TWN TW|TJK TJ|TZA TZ|THA TH|TLS TL|TGO TG|TON TO|TTO TT|TUN TN|TUR TR|TKM TM|TUV TV|UGA UG
UKR UA|ARE AE|GBR GB|USA US|URY UY|UZB UZ|VUT VU|VAT VA|VEN VE|VNM VN|YEM YE|ZMB ZM|ZWE ZW
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
LONG: Final[Mapping[str, str]] = dict(one.split(" ") for one in LONG_CODES.strip().replace("\n", "|").split("|"))
REGION: Final = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")
"""A part of a country by ISO 3166-2, as `US-CA`."""
FOLDED: Final[Mapping[str, str]] = {**{name.casefold(): code for name, code in CODES.items()}, **OTHERWISE}


def country_code(text: str) -> str | None:
    """The code of a country by its code of two or three letters, that of a part of it, or its English name; else None."""
    told = " ".join(text.split())
    code = told.upper().replace(".", "")
    if len(code) == 2 and code in BY_CODE:
        return code
    if region := REGION.fullmatch(code):
        return region[1] if region[1] in BY_CODE else None
    return LONG.get(code) or FOLDED.get(told.casefold())


def country_name(code: str) -> str:
    """What a country is called in English; the code itself where we have no name for it."""
    return BY_CODE.get(code.upper(), code)


WITH_ARTICLE: Final = frozenset(
    [
        "AE",
        "BS",
        "CD",
        "CF",
        "CG",
        "CK",
        "DO",
        "EU",
        "GB",
        "GM",
        "KM",
        "MH",
        "MV",
        "NL",
        "PH",
        "SB",
        "US",
    ]  # "the state of the United States"
)


def country_in_words(code: str) -> str:
    """What a country is called within a sentence, with its article where it bears one."""
    return f"the {country_name(code)}" if code.upper() in WITH_ARTICLE else country_name(code)
