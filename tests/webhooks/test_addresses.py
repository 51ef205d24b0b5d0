"""Where cards may go: public https addresses by name, and nothing that leads into a network."""

import pytest

from plans.webhooks.addresses import AddressRefused, is_outside, parse_address

GOOD = {
    "https://prod-12.example.com/workflows/x?sig=a%2Fb&sv=1": ("prod-12.example.com", "/workflows/x?sig=a%2Fb&sv=1"),
    "https://CARDS.example.com:443": ("cards.example.com", "/"),
    "https://cards.example.com/a#part": ("cards.example.com", "/a"),
}
BAD = [
    *("", "cards.example.com/x", "http://cards.example.com/", "ftp://cards.example.com/", "javascript:alert(1)"),
    *("https://", "https:///x", "https://localhost/", "https://intranet/x", "https://[::1]/", "https://127.0.0.1/"),
    *("https://127.1/", "https://0x7f.1/", "https://2130706433/", "https://0x7f000001/", "https://1.2.3.0x4/"),
    *("https://user@cards.example.com/", "https://user:word@cards.example.com/", "https://@cards.example.com/"),
    *("https://cards.example.com:8443/", "https://cards.example.com:0/", "https://cards.example.com:99999/"),
    *("https://cards.example.com:x/", "https://cards.example.com/ x", "https://cards.example.com/\r\nHost:x"),
    *("https://cards.example.com\\@evil.example/", "https://cards..example.com/", "https://māori.example/"),
    *("https://cards_.example.com%2f@evil.example/", f"https://cards.example.com/{'x' * 2000}"),
]


@pytest.mark.parametrize("address", GOOD)
def test_public_addresses_are_taken_apart(address):
    target = parse_address(address)

    assert (target.host, target.path) == GOOD[address]


@pytest.mark.parametrize("address", BAD)
def test_other_addresses_are_refused_in_words(address):
    with pytest.raises(AddressRefused, match=r"\.$"):
        parse_address(address)


INSIDE = [
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
    *("100.100.100.200", "224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "192.0.0.192", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1", "168.63.129.16", "192.88.99.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2001:0:7f00:1::", "not an address", ""),
]


@pytest.mark.parametrize("number", INSIDE)
def test_numbers_inside_of_networks_are_known(number):
    assert not is_outside(number)


@pytest.mark.parametrize("number", ["8.8.8.8", "1.1.1.1", "52.113.194.132", "2606:4700:4700::1111", "2603:1030::1"])
def test_numbers_of_the_public_internet_are_known(number):
    assert is_outside(number)
