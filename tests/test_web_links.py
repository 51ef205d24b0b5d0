"""Which links are taken, and in which form."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans import web_links
from plans.web_links import Link, host_of, links_in_words, read_address, read_label, read_links


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("https://www.police.govt.nz", "https://www.police.govt.nz/"),
        (" HTTPS://WWW.Police.govt.nz/Report?a=1&b=2#part ", "https://www.police.govt.nz/Report?a=1&b=2#part"),
        ("https://police.govt.nz?a=1", "https://police.govt.nz/?a=1"),
        ("https://police.govt.nz:443/", "https://police.govt.nz/"),
        ("https://police.govt.nz:8443/", "https://police.govt.nz:8443/"),
        ("https://intranet/x", "https://intranet/x"),
        ("https://127.0.0.1/x", "https://127.0.0.1/x"),
        ("https://māori.nz/kāinga", "https://xn--mori-qsa.nz/k%C4%81inga"),
        ("https://ma\u0304ori.nz/", "https://xn--mori-qsa.nz/"),
        # Cyrillic letters that look like "apple".
        ("https://аррӏе.com/", "https://xn--80ak6aa92e.com/"),
        ("https://ｐｏｌｉｃｅ.nz/", "https://police.nz/"),
        ("https://police。nz/", "https://police.nz/"),
        ('https://police.nz/a%20b"><script>', "https://police.nz/a%20b%22%3E%3Cscript%3E"),
    ],
)
def test_read_address_returns_the_one_form(written, taken):
    assert read_address(written) == taken
    assert read_address(taken) == taken


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", web_links.NOT_HTTPS),
        ("http://police.govt.nz/", web_links.NOT_HTTPS),
        ("javascript:alert(1)", web_links.NOT_HTTPS),
        ("data:text/html,<b>", web_links.NOT_HTTPS),
        ("//police.govt.nz/", web_links.NOT_HTTPS),
        ("https:/police.govt.nz/", web_links.NOT_HTTPS),
        ("java\tscript:alert(1)", web_links.WITH_SPACE),
        ("https://police.govt.nz/a b", web_links.WITH_SPACE),
        ("https://police.govt.nz/a\u00a0b", web_links.WITH_SPACE),
        ("https://police.govt.nz/a\nb", web_links.WITH_SPACE),
        ("https://police.govt.nz/a\x00b", web_links.ODD_SIGN),
        ("https://police.govt.nz/\u202egnp.exe", web_links.ODD_SIGN),
        ("https://police.govt.nz/\u200b", web_links.ODD_SIGN),
        ("https://police.govt.nz\\@evil.example/", web_links.ODD_SIGN),
        ("https://police.govt.nz/\ud800", web_links.ODD_SIGN),
        ("https://faß.de/", web_links.ODD_SIGN),
        ("https://user:secret@police.govt.nz/", web_links.WITH_NAME),
        ("https://police.govt.nz@evil.example/", web_links.WITH_NAME),
        ("https://", web_links.NO_HOST),
        ("https:///report", web_links.NO_HOST),
        ("https://police..nz/", web_links.NO_HOST),
        ("https://-police.nz/", web_links.NO_HOST),
        ("https://%70olice.nz/", web_links.NO_HOST),
        ("https://[::1]/", web_links.NO_HOST),
        ("https://[::1/", web_links.NO_HOST),
        ("https://0x7f.1/", web_links.NO_HOST),
        ("https://2130706433/", web_links.NO_HOST),
        (f"https://{'a' * 64}.nz/", web_links.NO_HOST),
        (f"https://{'ā' * 253}.nz/", web_links.NO_HOST),
        ("https://police.nz:0/", web_links.BAD_PORT),
        ("https://police.nz:99999/", web_links.BAD_PORT),
        ("https://police.nz:/", web_links.BAD_PORT),
        (f"https://police.nz/{'a' * 1_000}", web_links.TOO_LONG),
        (f"https://police.nz/{'ā' * 300}", web_links.TOO_LONG),
    ],
)
def test_read_address_refuses(written, why):
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        read_address(written)


@given(st.text(max_size=80))
def test_read_address_takes_nothing_but_plain_https(written):
    try:
        address = read_address(f"https://{written}")
    except ValueError:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' "<>\\^`{|}')
    assert read_address(address) == address
    assert "@" not in host_of(address)


def test_read_links_reads_a_line_or_a_cell():
    report = Link("https://police.nz/a;b", "Evaluation, part 2")
    written = "Evaluation, part 2 https://police.nz/a;b\r\n\n  <https://māori.nz>;\nhttps://police.nz/a;b again"
    assert read_links(written) == [report, Link("https://xn--mori-qsa.nz/", "")]
    assert links_in_words(read_links(written)) == (
        "Evaluation, part 2 <https://police.nz/a;b>; <https://xn--mori-qsa.nz/>"
    )
    assert read_links(links_in_words(read_links(written))) == read_links(written)
    assert read_links(" \n ") == []


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("Report", "“Report”: Enter an address that begins with https://."),
        ("https://a.nz\nReport http://a.nz", "“Report http://a.nz”: Enter an address that begins with https://."),
        ("https://a.nz https://b.nz", "“https://a.nz https://b.nz”: Put each link on a line of its own."),
        (f"https://a.nz {'a' * 201}", f"“https://a.nz {'a' * 46}…”: Enter a label of at most 200 characters."),
        ("a<b https://a.nz", f"“a<b https://a.nz”: {web_links.SIGN_IN_LABEL}"),
    ],
)
def test_read_links_names_the_link_that_is_wrong(written, why):
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        read_links(written)


def test_read_label_is_one_line_of_signs_that_people_see():
    assert read_label("  Evaluation\n\u202eof  the\u200b pilot ") == "Evaluation of the pilot"
    with pytest.raises(ValueError, match="no one can see"):
        read_label("a\x00b")
