"""From numbers to the columns of the `signups` table: one function a column, for everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.records import TIME, schema_of
from samehand.simulation.columns import Column, glued, looked_up, strings
from samehand.simulation.signups.machines import APP, FAMILIES, OS, family_of
from samehand.simulation.signups.missing import Lost
from samehand.simulation.signups.names import (
    DISPLAYS,
    FAMILY,
    GIVEN,
    HANDLES,
    MAILS,
    SCRIPT_OF,
    WORDS,
    Names,
)
from samehand.simulation.signups.networks import NET_TYPES, V6
from samehand.simulation.signups.places import COUNTRIES, LOCALES, ZONES
from samehand.simulation.signups.rows import Array, Rows
from samehand.simulation.signups.stage import Stage
from samehand.simulation.signups.things import INVITES, LINKS, PLAIN, QRS

__all__ = ["moments", "signups_table"]

_compute: Any = pc
_MIX: Final = 0x9E3779B97F4A7C15
_CHUNK: Final = 500_000


def moments(start: datetime, at_s: Array) -> Column:
    """Times to the millisecond; null for NaN."""
    never = np.isnan(at_s)
    micro = np.where(never, 0, np.rint(np.nan_to_num(at_s) * 1_000) * 1_000).astype(np.int64)
    begin = int(start.timestamp()) * 1_000_000
    return _compute.cast(pa.array(begin + micro, mask=never), TIME)


def signups_table(stage: Stage, rows: Rows, asset_id: Column, lost: Lost) -> pa.Table:
    """The table of sign-ups in the order of the rows; no two usernames are alike."""
    schema, names, count = schema_of("signups"), stage.names, len(rows)
    start = stage.parameters.start
    columns = {
        "platform": pa.array([stage.parameters.platform]).take(pa.array(np.zeros(count, dtype=np.int8))),
        "asset_id": asset_id,
        "at": moments(start, rows.at_s),
        "ip": _by_chunk(_addresses, rows.ip),
        "asn": _distinct(rows.asn, lambda code: f"AS{4_200_000_000 + (int(code) * 7_919) % 90_000_000}"),
        "country": looked_up(strings(COUNTRIES), rows.country.astype(np.int64)),
        "net_type": looked_up(strings(NET_TYPES), rows.net.astype(np.int64)),
        "device_id": _by_chunk(lambda codes: _hexadecimal(codes, 1), rows.device),
        "email_domain": _distinct(rows.domain, _domain_of(names)),
        "email_pattern": _patterns(names, rows),
        "phone_prefix": _distinct(rows.phone, _prefix_of(stage)),
        "phone_country": looked_up(strings(COUNTRIES), rows.phone_country.astype(np.int64)),
        "username": _usernames(names, rows),
        "display_name": _shown(names, rows),
        "avatar_hash": _by_chunk(_pictures, rows.avatar),
        "locale": looked_up(strings(LOCALES), rows.locale.astype(np.int64)),
        "timezone": looked_up(strings(ZONES), rows.zone.astype(np.int64)),
        "referrer": _distinct(rows.referrer, _way_of(names)),
        "flow_ms": pa.array(rows.flow_ms.astype(np.int64), mask=rows.flow_ms < 0),
        **_clients(rows, lost),
    }
    arrays = []
    for item in schema:
        column = columns.pop(item.name)
        column = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
        arrays.append(column.cast(item.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _by_chunk(spell: Any, codes: Array) -> Column:
    parts = [spell(codes[start : start + _CHUNK]) for start in range(0, max(len(codes), 1), _CHUNK)]
    return pa.chunked_array(parts, pa.string())


def _distinct(codes: Array, spell: Any) -> Column:
    """Spell each code once; null below 0."""
    values, where = np.unique(codes, return_inverse=True)
    spelled = [spell(code) if code >= 0 else None for code in values.tolist()]
    return looked_up(pa.array(spelled, pa.string()), where.astype(np.int64))


def _mixed(codes: Array) -> Array:
    """Numbers that say nothing of the order of the codes: a bijection of 64 bits."""
    found = codes.astype(np.uint64) * np.uint64(_MIX)
    found ^= found >> np.uint64(31)
    return found * np.uint64(0xBF58476D1CE4E5B9)


def _hexadecimal(codes: Array, words: int) -> Column:
    """Sixteen hexadecimal digits a word; null below 0."""
    nibbles = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    parts, seed = [], codes
    for number in range(words):
        mixed = _mixed(seed.astype(np.uint64) + np.uint64(number * 1_000_003))
        data = mixed.astype(">u8").view(np.uint8).reshape(-1, 8)
        parts.append(nibbles[np.stack([data >> 4, data & 15], axis=2).reshape(-1, 16)])
    letters = np.ascontiguousarray(np.concatenate(parts, axis=1))
    width = 16 * words
    offsets = np.arange(len(codes) + 1, dtype=np.int32) * width
    missing = codes < 0
    whole = pa.StringArray.from_buffers(len(codes), pa.py_buffer(offsets), pa.py_buffer(letters))
    return _compute.if_else(pa.array(missing), pa.scalar(None, pa.string()), whole) if missing.any() else whole


def _pictures(codes: Array) -> Column:
    return _compute.binary_join_element_wise(pa.scalar("pdq"), _hexadecimal(codes, 4), ":")


def _numbers(codes: Array) -> Column:
    return _compute.cast(pa.array(codes), pa.string())


def _addresses(ip: Array) -> Column:
    """Addresses of 240.0.0.0/4, which nobody has, or of 2001:db8::/32; null below 0."""
    old = glued(*(_numbers((ip >> shift & 255) + extra) for shift, extra in ((16, 0), (8, 0), (0, 0))), between=".")
    top = _numbers(240 + (ip >> 24 & 15))
    new = np.flatnonzero(ip >= V6)
    made = glued(top, old, between=".")
    if len(new):
        held = ip[new]
        # the interface's 64 bits are a device's own: spread the 24 bits that are drawn over them
        own = _mixed(held).astype(np.uint64)
        groups = [
            held >> 40 & 0xFFFF,
            held >> 24 & 0xFFFF,
            *((own >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (48, 32, 16, 0)),
        ]
        spelled = [
            f"2001:db8:{a:x}:{b:x}:{c:x}:{d:x}:{e:x}:{f:x}"
            for a, b, c, d, e, f in zip(*(g.tolist() for g in groups), strict=True)
        ]
        mask = np.zeros(len(ip), dtype=bool)
        mask[new] = True
        made = _compute.replace_with_mask(made, pa.array(mask), pa.array(spelled, pa.string()))
    return _compute.if_else(pa.array(ip < 0), pa.scalar(None, pa.string()), made)


def _clients(rows: Rows, lost: Lost) -> dict[str, Column]:
    values, where = np.unique(rows.client, return_inverse=True)
    family, model = family_of(values), values // (OS * APP)
    system, app = values // APP % OS, values % APP
    agents, systems, apps = [], [], []
    for f, m, s, a in zip(family.tolist(), model.tolist(), system.tolist(), app.tolist(), strict=True):
        version = f"{4 + a // 20}.{a // 2 % 10}.{a % 2 * 3}"
        name = FAMILIES[f]
        agents.append(f"{'Web' if f == 2 else 'App'}/{version} ({name} {s}; {'B' if f == 2 else 'M'}-{(m * 37) % 991})")
        systems.append(f"{name} {s}")
        apps.append(version)
    found = {}
    for column, spelled in (("user_agent", agents), ("os_version", systems), ("app_version", apps)):
        codes = np.where(lost[column], -1, where).astype(np.int64)
        found[column] = looked_up(strings(spelled), codes)
    return found


def _domain_of(names: Names) -> Any:
    def spell(code: int) -> str:
        step = (code * 2_654_435_761) % 16_000_000
        first, second = names.words[step % WORDS], names.words[step // WORDS % WORDS]
        return f"{first}.example" if code < 5 else f"{first}{second}{code % 7 or ''}.example"

    return spell


def _prefix_of(stage: Stage) -> Any:
    calling = stage.places.calling

    def spell(code: int) -> str:
        land, number = divmod(code, 1_000_000)
        return f"+{calling[land]}{(number * 654_321 + 77_777) % 1_000_000:06d}"

    return spell


def _way_of(names: Names) -> Any:
    letters = "abcdefghjkmnpqrstuvwxyz23456789"

    def short(code: int) -> str:
        mixed = (code * 2_654_435_761 + 12_345) % 31**6
        return "".join(letters[mixed // 31**place % 31] for place in range(6))

    def spell(code: int) -> str:
        if code < LINKS:
            return PLAIN[code]
        if code < INVITES:
            return f"link:{names.words[(code * 37) % WORDS]}{code // 2_000 or ''}"
        return f"invite:{short(code)}" if code < QRS else f"qr:{short(code)}"

    return spell


def _parts(
    table: tuple[tuple[str, str, str], ...], names: Names, rows: Rows, parts: Array
) -> tuple[Array, Array, Array]:
    """First piece, what stands between, second piece of each account; -1 where there is no template."""
    nothing = len(names.pieces) // 2 - 1
    first = np.full(len(rows), nothing)
    second = np.full(len(rows), nothing)
    between = np.zeros(len(rows), dtype=np.int64)
    signs = ("", "_", ".")
    for number, (left, sign, right) in enumerate(table):
        where = np.flatnonzero(parts == number)
        words = (
            rows.given[where].astype(np.int64),
            rows.family[where].astype(np.int64),
            rows.word[where].astype(np.int64),
        )
        first[where] = names.piece(left, *words)
        second[where] = names.piece(right, *words)
        between[where] = signs.index(sign)
    return first, between, second


def _ending(digits: Array, count: Array) -> Column:
    """The last digits, so many of them."""
    return _compute.utf8_slice_codeunits(_numbers(10**count + digits % 10**count), 1)


def _usernames(names: Names, rows: Rows) -> Column:
    template = np.maximum(rows.handle, 0).astype(np.int64)
    first, between, second = _parts(HANDLES, names, rows, template // 18)
    half = np.where(template // 9 % 2 == 1, len(names.pieces) // 2, 0)
    body = glued(
        looked_up(names.pieces, first + half),
        looked_up(strings(["", "_", "."]), between),
        looked_up(names.pieces, second + half),
    )
    made = _unlike(glued(body, _ending(rows.digits, template % 9)), rows.digits)
    return _compute.if_else(pa.array(rows.handle < 0), pa.scalar(None, pa.string()), made)


def _unlike(made: Column, digits: Array) -> Column:
    """Give those whose name is taken already some more digits, until all differ."""
    for attempt in range(6):
        column = pa.chunked_array([made]) if isinstance(made, pa.Array) else made
        codes = column.combine_chunks().dictionary_encode()
        codes = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
        index = codes.indices.to_numpy()
        del codes
        order = np.argsort(index, kind="stable")
        again = np.zeros(len(index), dtype=bool)
        again[order[1:]] = index[order[1:]] == index[order[:-1]]
        if not again.any():
            return column
        size = 2 + attempt
        more = _ending(digits[again] // 10**3 + 7_919 * attempt, np.full(int(again.sum()), size))
        longer = glued(column.filter(pa.array(again)), more)
        made = _compute.replace_with_mask(column.combine_chunks(), pa.array(again), _flat(longer))
    return made


def _flat(column: Column) -> Column:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _patterns(names: Names, rows: Rows) -> Column:
    """The shape of each local part: runs of letters and digits with their lengths."""
    template = np.maximum(rows.mail, 0).astype(np.int64)
    first, between, second = _parts(MAILS, names, rows, template // 9)
    left, right = names.lengths[first], names.lengths[second]
    code = ((left * 64 + right) * 4 + between) * 9 + template % 9
    code = np.where(rows.mail < 0, -1, code)

    def spell(number: int) -> str:
        rest, digits = divmod(number, 9)
        rest, sign = divmod(rest, 4)
        one, two = divmod(rest, 64)
        body = f"L{one}{('', '_', '.')[sign]}L{two}" if sign else f"L{one + two}"
        return f"{body}D{digits}" if digits else body

    return _distinct(code, spell)


def _shown(names: Names, rows: Rows) -> Column:
    """Names to show: null, or one or two names in the script of the language, a word, or a name in small letters."""
    given, family = rows.given.astype(np.int64), rows.family.astype(np.int64)
    titled = len(names.pieces) // 2
    families, words = len(names.given), len(names.given) + len(names.family)
    latin_given, latin_family = given + titled, families + family + titled
    natives = [name for script in names.natives for name in script]
    stock = strings([*names.pieces.to_pylist(), *natives])
    script = np.where(rows.locale < 0, 0, SCRIPT_OF[np.maximum(rows.locale, 0)])
    base = len(names.pieces) + (script.astype(np.int64) - 1) * (GIVEN + FAMILY)
    own = script > 0
    native_given = np.where(own, base + given % GIVEN, latin_given)
    native_family = np.where(own, base + GIVEN + family % FAMILY, latin_family)
    kind, nothing = rows.display, titled - 1
    word = words + rows.word.astype(np.int64) + titled
    first = np.select(
        [kind == DISPLAYS.index(name) for name in ("given", "own script", "latin", "word")],
        [native_given, native_given, latin_given, word],
        given,
    )
    second = np.select([kind == 2, kind == 3], [native_family, latin_family], nothing)
    badge = np.where(rows.badge >= 0, words + rows.badge.astype(np.int64) + titled, nothing)
    made = _compute.utf8_trim_whitespace(
        glued(looked_up(stock, first), looked_up(stock, second), looked_up(stock, badge), between=" ")
    )
    return _compute.if_else(pa.array(kind == 0), pa.scalar(None, pa.string()), made)
