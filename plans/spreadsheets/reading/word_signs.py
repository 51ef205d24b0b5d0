"""Signs of symbol fonts in Word, as letters of Unicode that look the same."""

SYMBOL = {
    0xA3: "≤",
    0xB3: "≥",
    0xB1: "±",
    0xB4: "×",
    0xB8: "÷",
    0xB9: "≠",
    0xBB: "≈",
    0xAE: "→",
    0xAC: "←",
    0xAD: "↑",
    0xAF: "↓",
    0xDE: "⇒",
    0xB7: "•",
    0xA5: "∞",
    0xB0: "°",
    0xBC: "…",
    0xE5: "Σ",
    0x6D: "μ",
    0xD6: "√",
    0xA2: "′",
    0x44: "Δ",
    0x57: "Ω",
    0x61: "α",
    0x62: "β",
    0x64: "δ",
    0x70: "π",
    0x73: "σ",
    0x2D: "−",
    0xD3: "©",
    0xD2: "®",
}
WINGDINGS = {
    0xFC: "✓",
    0xFB: "✗",
    0xFE: "☑",
    0xFD: "☒",
    0xA8: "☐",
    0x6F: "☐",
    0x71: "☐",
    0xA7: "▪",
    0x6E: "■",
    0x6C: "●",
    0xD8: "➢",
    0x76: "❖",
    0xE0: "→",
    0xDF: "←",
    0xE8: "➔",
    0x9F: "•",
    0xAB: "★",
    0x4A: "☺",
    0x4C: "☹",
    0xF0: "⇨",
}
WINGDINGS_2 = {0x50: "✓", 0x4F: "✗", 0x52: "☑", 0x51: "☒", 0xA3: "☐", 0x97: "●", 0x98: "•"}
FONTS = {"symbol": SYMBOL, "wingdings": WINGDINGS, "wingdings 2": WINGDINGS_2}
PRIVATE, PRIVATE_END = 0xF000, 0xF0FF
UNKNOWN = "\ufffd"
"""A letter that could not be read, which the page tells of."""


def symbol(font, code):
    """Return the letter that looks like the sign of a `font` with a `code` in hexadecimal digits."""
    try:
        number = int(code or "", 16)
    except ValueError:
        return UNKNOWN
    table = FONTS.get((font or "").strip().lower())
    sign = number - PRIVATE if PRIVATE <= number <= PRIVATE_END else number
    if table is None:
        return chr(number) if not PRIVATE <= number <= PRIVATE_END and 0x20 <= number < 0xD800 else UNKNOWN
    # Where the font has no sign of its own for a plain letter, it has that letter, as Symbol has digits.
    return table.get(sign) or (chr(sign) if table is SYMBOL and 0x20 <= sign < 0x40 else UNKNOWN)
