"""A page as a person or a screen reader finds it: by roles, names and addresses, not by classes.

So the tests of pages hold when their looks change.
"""

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree.ElementTree import TreeBuilder

import openpyxl

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNSEEN = {"script", "style", "template"}
ACTIVITY = re.compile(r"/activities/(\d+)/$")
REMOVE = "Remove filter "


class _Reader(HTMLParser):
    """Builds a tree, and refuses a page whose tags do not nest."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.builder, self.open = TreeBuilder(), []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says something twice: {names}"
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)
        else:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open[-1:] == [tag], f"</{tag}> closes <{self.open[-1:]}>, line {self.getpos()[0]}"
        self.builder.end(self.open.pop())

    def handle_data(self, data):
        if self.open:
            self.builder.data(data)


def said(element):
    """What a screen reader says of an element: its text without what is hidden from it, in single spaces."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element):
    if element.tag not in UNSEEN and element.get("aria-hidden") != "true":
        yield element.text or ""
        for child in element:
            yield from _pieces(child)
            yield child.tail or ""


class Page:
    """A page that was answered with `status` (200 unless told)."""

    def __init__(self, response, status=200):
        assert response.status_code == status, f"{response.status_code}: {response.headers.get('Location', '')}"
        assert response["Content-Type"] == "text/html; charset=utf-8"
        self.html = response.content.decode()
        reader = _Reader()
        reader.feed(self.html)
        reader.close()
        assert reader.open == [], f"never closed: {reader.open}"
        self.root = reader.builder.close()
        self.parents = {child: parent for parent in self.root.iter() for child in parent}
        self.main = self.root.find(".//main")

    @property
    def text(self):
        return said(self.root.find("body"))

    @property
    def title(self):
        return said(self.root.find(".//title"))

    @property
    def h1(self):
        (heading,) = self.root.iter("h1")
        return said(heading)

    def links(self, scope=None):
        """The links of the page or of an element, in order: [(words, address)]."""
        scope = self.main if scope is None else scope
        return [(said(link), link.get("href")) for link in scope.iter("a")]

    def link(self, words, scope=None):
        """The one address that these words lead to."""
        (address,) = {href for said_of_it, href in self.links(scope) if said_of_it == words}
        return address

    def hrefs(self, pattern):
        """What `pattern` catches in the addresses of links, in order, each once."""
        found = (pattern.search(link.get("href")) for link in self.main.iter("a"))
        return list(dict.fromkeys(match[1] for match in found if match))

    @property
    def numbers(self):
        """The numbers of the activities that it links to, in order."""
        return [int(number) for number in self.hrefs(ACTIVITY)]

    @property
    def groups(self):
        """The activities under the words that head them: [(words, [number])], no words under no heading."""
        (results,) = (one for one in self.main.iter() if one.get("id") == "results")
        groups = [("", [])]
        for one in results.iter():
            if one.tag in {"h3", "h4"} or one.get("scope") == "rowgroup":
                groups.append((said(one), []))
            elif one.tag == "a" and (activity := ACTIVITY.search(one.get("href"))):
                groups[-1][1].append(int(activity[1]))
        return [(words, numbers) for words, numbers in groups if numbers]

    @property
    def count(self):
        """What it says is shown: (matching, in the plan), such as "5 of 15 activities"; None when it says nothing."""
        found = re.findall(r"\b(\d+) of (\d+) activit(?:y|ies)\b", said(self.main))
        return tuple(map(int, found[0])) if found else None

    def row(self, number):
        """What the row of an activity says."""
        (link,) = (a for a in self.main.iter("a") if a.get("href").endswith(f"/activities/{number}/"))
        return said(self.closest(link, {"li", "tr"}))

    def closest(self, element, tags):
        """The nearest element of these tags around an element, or that element itself."""
        while element.tag not in tags:
            element = self.parents[element]
        return element

    def controls(self, name, scope=None):
        """The inputs and selects of that name."""
        scope = self.root if scope is None else scope
        return [one for one in scope.iter() if one.tag in {"input", "select", "textarea"} and one.get("name") == name]

    def facet(self, name):
        """The counts behind the values of a filter: {value: count}."""
        boxes = [box for box in self.controls(name, self.main) if box.get("value")]
        return {box.get("value"): _last_number(said(self.closest(box, {"label"}))) for box in boxes}

    def chosen(self, name):
        """The values of a filter that are ticked."""
        return [box.get("value") for box in self.controls(name, self.main) if "checked" in box.attrib]

    def errors_at(self, name):
        """What stands as an error at a filter: what describes its controls, and no other filter's."""
        elements = [self.controls(name, self.main)[0]]
        while elements[-1] is not self.main:
            elements.append(self.parents[elements[-1]])
        described = {one.get("aria-describedby") for one in elements} - {None}
        return [said(one) for one in self.main.iter() if one.get("id") in described]

    @property
    def errors(self):
        return [said(one) for one in self.main.iter() if "error" in one.get("class", "").split()]

    @property
    def chips(self):
        """The chosen filters and the query that each leaves: {label: query}."""
        chips = [(words, href) for words, href in self.links() if words.startswith(REMOVE)]
        return {words.removeprefix(REMOVE): href.partition("?")[2] for words, href in chips}

    def section(self, heading):
        """The section or card under a heading."""
        headings = (one for one in self.main.iter() if one.tag in {"h2", "h3", "summary"})
        (found,) = (one for one in headings if said(one).startswith(heading))
        return self.closest(found, {"section", "aside", "details", "main"})

    def terms(self, scope=None):
        """What the lists of terms say: {term: description}."""
        pairs = {}
        for terms in (self.main if scope is None else scope).iter("dl"):
            term = None
            for one in terms.iter():
                if one.tag == "dt":
                    term = said(one)
                elif one.tag == "dd":
                    pairs[term] = said(one)
        return pairs

    def table(self):
        """The rows of the page's table, headings first."""
        (table,) = self.main.iter("table")
        return [[said(cell) for cell in row if cell.tag in {"th", "td"}] for row in table.iter("tr")]

    def in_te_reo(self):
        """What is marked as te reo Māori."""
        return [said(one) for one in self.root.iter() if one.get("lang") == "mi"]


def _last_number(text):
    return int(re.findall(r"\d+", text)[-1])


def body_of(response):
    """The bytes of an export, streamed or not."""
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def csv_rows(response):
    """The rows of a CSV export, headings first."""
    return list(csv.reader(io.StringIO(body_of(response).decode("utf-8-sig"), newline="")))


def workbook(response):
    """An Excel export, as a workbook."""
    return openpyxl.load_workbook(io.BytesIO(body_of(response)))


def xlsx_rows(response):
    """The rows of a response's first sheet as a person sees them: without hidden columns."""
    sheet = workbook(response).worksheets[0]
    shown = [place for place, cell in enumerate(sheet[1]) if not sheet.column_dimensions[cell.column_letter].hidden]
    return [[row[place] for place in shown] for row in sheet.iter_rows(values_only=True)]
