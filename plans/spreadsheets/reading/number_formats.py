"""What a cell shows: a number, a day or a time in its number format, as Excel would write it on the screen.

A cell of words into which 45%, 10:30 or Jun-25 is typed holds a number and a format. What was meant is what is seen.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    5: "$#,##0;-$#,##0",
    6: "$#,##0;-$#,##0",
    7: "$#,##0.00;-$#,##0.00",
    8: "$#,##0.00;-$#,##0.00",
    # Excel writes these as the person's country does, and here the day comes first.
    14: "d/mm/yyyy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    22: "d/mm/yyyy h:mm",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    41: "#,##0;-#,##0;-",
    42: "$#,##0;-$#,##0;$-",
    43: "#,##0.00;-#,##0.00;-",
    44: "$#,##0.00;-$#,##0.00;$-",
    48: "##0.0E+0",
}
"""The formats that files call by a number alone."""

PLAIN = ("", "general", "@", "standard")
LONG_DATE, LONG_TIME = "dddd, d mmmm yyyy", "h:mm:ss AM/PM"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BEGINS = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no time zones
ENGLISH, LANGUAGE_BITS, NO_LANGUAGE = 9, 0x3FF, 0
LONGEST = 250
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<filled>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<half>am/pm|a/p)|(?P<exponent>e[+-])|(?P<parts>\.0+(?=$|[^#?,0]))|(?P<date>y+|m+|d+|h+|s+)"
    r"|(?P<digits>[0#?.,]+)|(?P<percent>%)|(?P<slash>/)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
CURRENCY = re.compile(r"\$(?P<sign>[^-]*)(?:-(?P<language>[0-9A-Fa-f]+))?")
ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
CONDITION = re.compile(r"[<>=]")
# With so many signs at most, since without a limit a search takes the square of them.
FRACTION = re.compile(r"(?P<whole>[#0?]{0,15}) ?(?P<above>[#0?]{1,15})/(?P<below>[#0?]{1,15}|[1-9][0-9]{0,14})")


class UnknownFormat(ValueError):
    """A format in which it is not known what the cell shows."""


def is_plain(code):
    """Return whether a format shows each value as it is."""
    return code.strip().lower() in PLAIN


def shown(value, code):
    """Return what a cell with a number, day or time `value` shows in the format `code`. Raises `UnknownFormat`."""
    if len(code) > LONGEST:
        raise UnknownFormat(code)
    try:
        return _shown(value, code).strip()
    except (ArithmeticError, InvalidOperation, IndexError, OverflowError, ValueError) as error:
        raise UnknownFormat(code) from error


def _shown(value, code):
    is_moment = isinstance(value, datetime | date | time | timedelta)
    number = _serial(value) if is_moment else value
    section, is_signed = _section(code, number)
    tokens = _tokens(section)
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "half", "elapsed"}:
        return _moment(value if is_moment else number, tokens)
    if not kinds & {"digits"}:
        return "".join(text for _, text in tokens)
    found = _number(abs(Decimal(format(number, ".15g"))), section, tokens)
    return f"-{found}" if number < 0 and not is_signed and found.strip("0.,") else found


def _section(code, number):
    """Return (the part of a format that is for a number, whether that part says the sign)."""
    sections = _sections(code)
    if any(CONDITION.match(found["bracket"] or "") for one in sections for found in TOKEN.finditer(one)):
        raise UnknownFormat(code)
    if number < 0 and len(sections) > 1:
        return sections[1], True
    return (sections[2], True) if number == 0 and len(sections) > 2 else (sections[0], False)


def _sections(code):
    sections, part = [], ""
    for found in TOKEN.finditer(code):
        if found[0] == ";":
            sections.append(part)
            part = ""
        else:
            part += found[0]
    return [*sections, part]


def _tokens(section):
    """Return [(kind, text)] of a section: literals, digits, dates. Raises `UnknownFormat`."""
    lowered = section.lower()
    if "[$-f800]" in lowered or "[$-f400]" in lowered:
        section = LONG_DATE if "[$-f800]" in lowered else LONG_TIME
    tokens, languages = [], {ENGLISH}
    for found in TOKEN.finditer(section):
        kind, text = found.lastgroup, found[found.lastgroup]
        if kind == "bracket" and (currency := CURRENCY.fullmatch(text)):
            tokens.append(("words", currency["sign"]))
            languages.add(int(currency["language"] or "0", 16) & LANGUAGE_BITS)
        elif kind == "bracket" and ELAPSED.fullmatch(text):
            tokens.append(("elapsed", text.lower()))
        elif kind not in ("bracket", "filled"):
            tokens.append(_token(kind, text))
    names = any(kind == "date" and text[0] in "md" and len(text) > 2 for kind, text in tokens)
    if names and languages - {ENGLISH, NO_LANGUAGE}:
        raise UnknownFormat(section)
    return tokens


def _token(kind, text):
    if kind in ("quoted", "escaped", "other", "space"):
        return "words", " " if kind == "space" else text
    return kind, text if kind in ("half", "digits") else text.lower()


def _number(number, section, tokens):
    """Return a number from 0 in a section. Raises `UnknownFormat`."""
    kinds = [kind for kind, _ in tokens]
    if "slash" in kinds:
        return _fraction(number, section)
    number *= Decimal(100) ** kinds.count("percent")
    first, last = kinds.index("digits"), len(kinds) - 1 - kinds[::-1].index("digits")
    if "exponent" in kinds:
        return _scientific(number, tokens)
    if "parts" in kinds or first != last:
        first, last, tokens = _one_run(tokens, first)
    digits = tokens[first][1]
    whole, point, decimals = digits.rstrip(",").partition(".")
    number /= Decimal(1000) ** (len(digits) - len(digits.rstrip(",")))
    rounded = number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    before, _, after = format(rounded, "f").partition(".")
    least = whole.count("0")
    before = before.lstrip("0").rjust(least, "0")
    if "," in whole:
        before = _grouped(before)
    while after and len(after) > len(decimals.rstrip("#?")) and after.endswith("0"):
        after = after[:-1]
    text = before + (f".{after}" if after else "." * bool(point and "0" in decimals))
    return "".join(text if place == first else words for place, (_, words) in enumerate(tokens))


def _one_run(tokens, first):
    """Return the tokens with the digits and their decimals as one. Raises `UnknownFormat` for words inside digits."""
    run = first
    while run + 1 < len(tokens) and tokens[run + 1][0] in ("digits", "parts"):
        run += 1
    if any(kind in ("digits", "parts") for kind, _ in tokens[run + 1 :]):
        raise UnknownFormat
    joined = ("digits", "".join(text for _, text in tokens[first : run + 1]))
    return first, first, [*tokens[:first], joined, *tokens[run + 1 :]]


def _grouped(digits):
    start = len(digits) % 3
    groups = [digits[:start]] * bool(start) + [digits[at : at + 3] for at in range(start, len(digits), 3)]
    return ",".join(groups)


def _scientific(number, tokens):
    codes = [text for kind, text in tokens if kind in ("digits", "parts")]
    if len(codes[0].partition(".")[0]) != 1:
        raise UnknownFormat
    decimals = len("".join(codes[:-1]).partition(".")[2])
    return format(float(number), f".{decimals}E")


def _fraction(number, section):
    found = FRACTION.search(section)
    if not found:
        raise UnknownFormat(section)
    below = found["below"]
    exact = Fraction(number)
    part = (
        Fraction(round(exact * int(below)), int(below))
        if below.isdecimal() and below.strip("0")
        else exact.limit_denominator(10 ** len(below) - 1)
    )
    if not found["whole"]:
        return f"{part.numerator}/{part.denominator}"
    whole, rest = divmod(part, 1)
    words = [str(whole)] if whole or not rest else []
    return " ".join(words + ([f"{rest.numerator}/{rest.denominator}"] if rest else []))


def _serial(value):
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if isinstance(value, time):
        return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second) / timedelta(days=1)
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (moment - BEGINS) / timedelta(days=1)


def _moment(value, tokens):
    """Return a day or time in a section. `value` is one, or the days since it all began. Raises `UnknownFormat`."""
    if not isinstance(value, datetime):
        days = _serial(value) if not isinstance(value, int | float) else value
        if days < 0:
            raise UnknownFormat
        value = BEGINS + timedelta(seconds=round(days * 86_400))
    half_a_day = any(kind == "half" for kind, _ in tokens)
    words, before = [], ""
    for place, (kind, text) in enumerate(tokens):
        if kind == "elapsed":
            words.append(_elapsed(value - BEGINS, text))
            before = text[0]
        elif kind == "half":
            name = "AM" if value.hour < 12 else "PM"
            words.append(name[: 1 if len(text) == 3 else 2])
        elif kind == "date":
            following = next((one for kind, one in tokens[place + 1 :] if kind == "date"), "")
            is_minute = text[0] == "m" and len(text) < 3 and (before == "h" or following.startswith("s"))
            words.append(_part(value, "n" * len(text) if is_minute else text, half_a_day))
            before = text[0]
        elif kind == "parts":
            words.append(".".ljust(len(text), "0"))
        else:
            words.append(text)
    return "".join(words)


def _elapsed(since, text):
    unit = {"h": 3600, "m": 60, "s": 1}[text[0]]
    return str(int(since.total_seconds()) // unit).rjust(len(text), "0")


def _part(value, token, half_a_day):
    """Return a part of a moment: "n" stands for minutes."""
    hour = (value.hour % 12 or 12) if half_a_day else value.hour
    number = {"y": value.year, "m": value.month, "d": value.day, "h": hour, "n": value.minute, "s": value.second}
    first, length = token[0], len(token)
    if first == "y":
        return str(value.year % 100).rjust(2, "0") if length < 3 else str(value.year)
    if first == "m" and length > 2:
        name = MONTHS[value.month - 1]
        return name[:1] if length == 5 else name[:3] if length == 3 else name
    if first == "d" and length > 2:
        name = DAYS[value.weekday()]
        return name[:3] if length == 3 else name
    return str(number[first]).rjust(min(length, 2), "0")
