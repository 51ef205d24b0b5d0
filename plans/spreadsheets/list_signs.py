"""Signs with which the items of a list begin, as programs draw them and people type them."""

import re

BULLETS = "•◦▪▫■□●○∙·⁃‣➢➤➔➣►▶▸▹▷◆◇❖❑❒❏✓✔☐☑☒★☆→⇒»›⚫⚬⦁⦿\ue000-\uf8ff"
"""Signs that begin nothing but items. Those of symbol fonts are in the private area of Unicode."""

DASHES = "-‐‑‒–—―−*+"
"""Signs that begin an item where a space follows; "-5" and "*see below" are words."""

LETTERS = "o§ØüvqÜn"
"""What signs of symbol fonts become as plain text: a tab, a no-break space or several spaces follow them."""

SPACE = r"[^\S\n]"
BULLET = rf"(?:•|[{BULLETS}](?:{SPACE}|(?=\w))|[{DASHES}]{SPACE}|[{LETTERS}](?:[\t\u00a0\u202f]|{SPACE}{{2}}))"
LABEL_SIGN = r"\(?(?:[0-9]{1,2}|[a-zA-Z]|[ivx]{1,5}|[IVX]{1,5})[.)]"
"""A number or a letter before an item: "1.", "2)", "(a)", "iv."."""

LABEL = LABEL_SIGN + SPACE

BULLET_LINE = re.compile(rf"(?P<indent>{SPACE}*+)(?P<sign>{BULLET}){SPACE}*+(?P<words>.*)")
LABEL_LINE = re.compile(rf"(?P<indent>{SPACE}*+)(?P<sign>{LABEL}){SPACE}*+(?P<words>.*)")
SIGN_ALONE = re.compile(rf"{SPACE}*(?:[{BULLETS}{DASHES}{LETTERS}]|{LABEL_SIGN}){SPACE}*")
SURE_SIGN_ALONE = re.compile(rf"{SPACE}*[{BULLETS}]{SPACE}*")
NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
ROMAN = {numeral: value for value, numeral in enumerate(NUMERALS, start=1)}


def without_bullet(text):
    """Return `text` without the bullet before it, if anything is behind that."""
    found = BULLET_LINE.fullmatch(text)
    return found["words"] if found and found["words"] else text


def is_like(sign, other):
    """Return whether two signs of lists are of one kind, as "1." and "7." are."""
    return sign == other or bool({kind for kind, _ in _readings(sign)} & {kind for kind, _ in _readings(other)})


def goes_on(sign, below):
    """Return whether the sign `below` goes on with the list of `sign`: the same bullet, or the next number."""
    following = {(kind, value + 1) for kind, value in _readings(sign)}
    return bool(following & set(_readings(below))) if following else sign == below


class LabelCount:
    """Tells numbers and letters that count items from those that begin a sentence: they come in order, from the first.

    The lines of a text are asked one after the other.
    """

    def __init__(self, lines):
        """`lines` are all lines of the text, since "A. Smith" begins a list only where "B." follows."""
        self._reached = {}
        self._signs = {found["sign"].strip() for line in lines if (found := LABEL_LINE.fullmatch(line))}

    def is_next(self, sign):
        """Return whether `sign`, such as "b)", is the first of its kind or follows the one before; then count it."""
        sign = sign.strip()
        for kind, value in _readings(sign):
            if value == self._reached.get(kind, 0) + 1 and not (value == 1 and self._is_initial(sign)):
                self._reached[kind] = value
                return True
        # A list begins anew.
        return any(value == 1 and not self._is_initial(sign) and self._restart(kind) for kind, value in _readings(sign))

    def _restart(self, kind):
        self._reached[kind] = 1
        return True

    def _is_initial(self, sign):
        return sign == "A." and "B." not in self._signs


def _readings(sign):
    """Yield (kind, value from 1) of a label: "i)" is the first numeral and the ninth letter."""
    body = sign.strip("().")
    if body == sign or not body.isalnum():
        return
    shape = sign.replace(body, "", 1)
    if body.isdecimal():
        yield ("number", shape), int(body)
    if body.lower() in ROMAN and (body.islower() or body.isupper()):
        yield ("roman" if body.islower() else "upper roman", shape), ROMAN[body.lower()]
    if len(body) == 1 and body.isalpha():
        yield ("upper" if body.isupper() else "lower", shape), ord(body.lower()) - ord("a") + 1
