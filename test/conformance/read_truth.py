"""Reads a folder of messages beside what the ground truth says of them, and prints every place where the two part.

The folder holds <id>.eml, lines.jsonl, arcs.jsonl, and scenarios.json: the phases, roles and levels as the packs have
them. Structure and headers are read with Python's email package; parts are found in the raw file, decoded and counted
here. Prints one JSON object: {"faults": [...], "seen": {"what": how often}}.
"""

import base64
import hashlib
import json
import os
import re
import sys
from bisect import bisect_right
from collections import Counter
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import HeaderRegistry
from email.utils import parsedate_to_datetime
from functools import lru_cache
from html.parser import HTMLParser

from read_documents import check_png, docx_text, pdf_text

if sys.version_info < (3, 9):
    sys.exit("python3 3.9 or newer is needed (apt-get install python3), this is " + sys.version.split()[0])

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {
    "application/pdf": "pdf",
    DOCX: "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/csv": "csv",
    "image/png": "png",
}
WRITTEN = ("explicit", "slang", "code", "split", "misspelt", "language")
LEVELS = WRITTEN + ("attachment", "image", "quoted")


# The package parses a header again each time it is read, which would take two thirds of the time: once is enough.
POLICY = policy.default.clone(header_factory=lru_cache(maxsize=1000)(HeaderRegistry()))


class Fault(Exception):
    """Something the truth says, and the file does not."""


def expect(holds, says):
    if not holds:
        raise Fault(says)


# --- Parts: where they are in the file, and what they say -----------------------------------------------------------


class Part:
    """A leaf of a message: its headers as the email package reads them, its body where it stands in the file."""

    def __init__(self, path, headers, raw, start, end):
        self.path, self.raw = path, raw
        self.type = headers.get_content_type()
        self.attached = headers.is_attachment()
        self.charset = headers.get_content_charset()
        self.encoding = str(headers["content-transfer-encoding"] or "7bit").lower()
        self.bytes, self.place = DECODERS[self.encoding](raw, start, end)
        expect(self.bytes == headers.get_payload(decode=True), f"part {path}: the email package decodes something else")
        if not self.attached:
            decoded = self.bytes.decode(self.charset, "strict")
            self.text = decoded.replace("\r\n", "\n")
            expect(self.text.count("\n") == decoded.count("\n") == decoded.count("\r"), f"part {path}: a CR or LF alone")

    def before(self, point):
        """How many decoded bytes stand before a code point of the text."""
        return len(self.text[:point].replace("\n", "\r\n").encode(self.charset))


# Decoders give the bytes, and a function from the number of one of them to the place of what it was made from: from, to.


def plain_bytes(raw, start, end):
    return raw[start:end], lambda n: (start + n, start + n + 1)


QUOTED = re.compile(rb"=\r\n|=[0-9A-F]{2}")


def quoted_printable(raw, start, end):
    """RFC 2045 §6.7, strictly. A soft line break makes no byte."""
    out, runs, at = bytearray(), [], start
    for mark in [*QUOTED.finditer(raw, start, end), None]:
        stop = mark.start() if mark else end
        expect(b"=" not in raw[at:stop], f"quoted-printable: = alone after byte {at}")
        runs.append((len(out), at, 1))
        out += raw[at:stop]
        if mark:
            at = mark.end()
            if mark.group() != b"=\r\n":
                runs.append((len(out), mark.start(), 3))
                out.append(int(mark.group()[1:], 16))

    def place(n):
        first, at, size = runs[bisect_right(runs, (n, end, 4)) - 1]
        return at + n - first, at + n - first + size

    return bytes(out), place


def base64_groups(raw, start, end):
    """RFC 2045 §6.8: a byte is made from its group of four characters."""
    lines, count = [], 0
    for line in re.compile(rb"[^\r\n]+").finditer(raw, start, end):
        lines.append((count, line.start()))
        count += len(line.group())
    out = base64.b64decode(raw[start:end].replace(b"\r\n", b""), validate=True)

    def character(n):
        first, at = lines[bisect_right(lines, (n, end)) - 1]
        return at + n - first

    return out, lambda n: (character(n // 3 * 4), character(n // 3 * 4 + 3) + 1)


DECODERS = {"7bit": plain_bytes, "8bit": plain_bytes, "quoted-printable": quoted_printable, "base64": base64_groups}


def delimiters(raw, boundary, start, end):
    """The delimiter lines of a multipart (RFC 2046 §5.1.1): from, to, and whether it is the last. The line end before is theirs."""
    found, mark = [], b"\r\n--" + boundary
    # That of the empty line behind the headers may serve.
    at = raw.find(mark, start - 2, end)
    while at >= 0:
        rest = at + len(mark)
        line = raw.find(b"\r\n", rest, end)
        tail = raw[rest : end if line < 0 else line].rstrip(b" \t")
        if tail in (b"", b"--"):
            found.append((at, end if line < 0 else line + 2, tail == b"--"))
        at = raw.find(mark, rest, end)
    return found


def leaves(raw, entity, start, end, path=""):
    """The leaves of an entity that stands at raw[start:end], with their IMAP part paths (RFC 9051 §6.4.5.1)."""
    body = raw.index(b"\r\n\r\n", start, end) + 4
    if not entity.is_multipart():
        return [Part(path or "1", entity, raw, body, end)]
    children = list(entity.iter_parts())
    marks = delimiters(raw, entity.get_boundary().encode("ascii"), body, end)
    expect([last for _, _, last in marks] == [False] * len(children) + [True], f"part {path}: boundaries and parts differ")
    found = []
    for n, child in enumerate(children):
        found += leaves(raw, child, marks[n][1], marks[n + 1][0], f"{path}.{n + 1}" if path else f"{n + 1}")
    return found


class Words(HTMLParser):
    """Character data alone: entities decoded, tags dropped."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out = ""

    def handle_data(self, data):
        self.out += data


def words_of(html):
    reader = Words()
    reader.feed(html)
    reader.close()
    return reader.out


# --- What the author wrote, and what is quoted: by the marks that mail clients leave ---------------------------------

HEAD_LINE = re.compile(r"^(?:-----[^-\n]+-----|---------- [^-\n]+ ---------)$", re.MULTILINE)
HTML_HEAD = '<div style="border:none;border-top:'


def is_quoted(part, text, start):
    """Whether what stands at `start` is quoted: behind a quote mark, below a block of headers, or in a blockquote."""
    if part.type == "text/plain":
        line = text[text.rfind("\n", 0, start) + 1 :]
        return line.startswith(">") or bool(HEAD_LINE.search(text[:start]))
    before, closed = text[:start], 1
    while closed:
        before, closed = re.subn(r"<blockquote(?:(?!</?blockquote).)*</blockquote>", "", before, flags=re.DOTALL)
    return "<blockquote" in before or HTML_HEAD in before


def own_text(part):
    """The lines of a plain text that are not quoted, evened out."""
    text = part.text
    cut = HEAD_LINE.search(text)
    lines = (text[: cut.start()] if cut else text).split("\n")
    return even("\n".join(line for line in lines if not line.startswith(">")))


def even(text):
    """Words with one space between them; quote marks are none."""
    return " ".join(word for word in text.split() if word.strip(">"))


# --- One message -----------------------------------------------------------------------------------------------------


class Message:
    def __init__(self, folder, line):
        self.line = line
        with open(os.path.join(folder, os.path.basename(line["key"])), "rb") as file:
            self.raw = file.read()
        self.mail = message_from_bytes(self.raw, policy=POLICY)
        self.parts = {part.path: part for part in leaves(self.raw, self.mail, 0, len(self.raw))}
        self.texts = [part for part in self.parts.values() if not part.attached]
        self.files = [part for part in self.parts.values() if part.attached]

    def check_headers(self):
        line, mail = self.line, self.mail

        def addresses(name):
            return [a.addr_spec for a in mail[name].addresses] if mail[name] else []

        expect(line["sha256"] == hashlib.sha256(self.raw).hexdigest(), "sha256")
        expect(line["message_id"] == mail["message-id"], f"message_id: {mail['message-id']}")
        expect([line["sender"]] == addresses("from"), f"sender: {addresses('from')}")
        recipients = addresses("to") + addresses("cc") + addresses("bcc")
        expect(line["recipients"] == recipients, f"recipients: {recipients}")
        date, told = parsedate_to_datetime(mail["date"]), datetime.fromisoformat(line["date"].replace("Z", "+00:00"))
        expect((told, told.utcoffset()) == (date, date.utcoffset()), f"date: {date}")
        references = str(mail["references"] or "").split()
        expect(line["thread_id"] == (references or [line["message_id"]])[0], f"thread_id: references {references[:1]}")
        expect(mail["in-reply-to"] == (references[-1] if references else None), "References do not end with In-Reply-To")

    def check_shape(self):
        kinds = [part.type for part in self.texts]
        expect(kinds in (["text/plain"], ["text/plain", "text/html"]), f"texts: {kinds}")
        shape = ["text"] + (["html"] if len(kinds) > 1 else []) + [KINDS[part.type] for part in self.files]
        expect(self.line["shape"] == "+".join(shape), f"shape: {'+'.join(shape)}")

    def check_evidence(self, entry):
        expect(entry["part"] in self.parts, "no such part")
        part = self.parts[entry["part"]]
        if part in self.files:
            return self.check_attached(part, entry)
        text = part.text
        start, end, quote = entry["start"], entry["end"], entry["quote"]
        expect(0 <= start < end <= len(text), "start and end are not in the part")
        found = text[start:end]
        expect((found if part.type == "text/plain" else words_of(found)) == quote, f"stands there: {found!r}")
        # To and from the very byte, and no smaller run would do.
        first, _ = part.place(part.before(start))
        _, last = part.place(part.before(end) - 1)
        expect((entry["raw_start"], entry["raw_end"]) == (first, last), f"raw_start and raw_end should be {first} and {last}")
        self.check_raw(part, entry, found)
        expect(entry["layer"] == ("quoted" if is_quoted(part, text, start) else "authored"), "layer")

    def check_raw(self, part, entry, found):
        """The bytes between the raw offsets, decoded on their own."""
        decoded, _ = DECODERS[part.encoding](self.raw, entry["raw_start"], entry["raw_end"])
        sought = found.replace("\n", "\r\n").encode(part.charset)
        if part.encoding == "base64":
            at = decoded.find(sought)
            expect(0 <= at < 3 and len(decoded) - at - len(sought) < 3, "the raw groups decode to something else")
        else:
            expect(decoded == sought, f"the raw bytes decode to {decoded[:80]!r}")

    def check_attached(self, part, entry):
        expect(entry["layer"] == "attachment", "layer")
        expect(entry["raw_start"] is None and entry["raw_end"] is None, "raw offsets in an attachment")
        if part.type == "image/png":
            check_png(part.bytes)
            expect(entry["start"] is None and entry["end"] is None, "offsets in an image")
            return
        text = docx_text(part.bytes) if part.type == DOCX else pdf_text(part.bytes)
        found = text[entry["start"] : entry["end"]]
        expect(found == entry["quote"], f"stands there: {found!r}")
        around = text[entry["start"] - 1] + text[entry["end"] : entry["end"] + 1]
        expect(around in ("\n\n", "\n"), "no paragraph of its own")

    def check_levels(self):
        """Which words a message may show, by its label and level."""
        line = self.line
        layers = [(entry["part"], entry["layer"]) for entry in line["evidence"]]
        authored = sorted(path for path, layer in layers if layer == "authored")
        attached = [path for path, layer in layers if layer == "attachment"]
        quoted = [path for path, layer in layers if layer == "quoted"]
        texts = sorted(part.path for part in self.texts)
        if line["label"] == "benign":
            expect(not authored, "benign, and yet the author says it")
            # A forward takes the attachment along.
            expect(not attached or line["evasion"] in ("attachment", "image"), "an attachment shows it")
        elif line["evasion"] in WRITTEN:
            expect(authored == texts, f"authored in {authored}, and the texts are {texts}")
            expect(not attached, "an attachment shows it")
        elif line["evasion"] == "quoted":
            expect(not authored and not attached and sorted(quoted) == texts, f"quoted in {quoted}, and the texts are {texts}")
        else:
            expect(not authored and not quoted and len(attached) == 1, "not in one attachment alone")
            kinds = ("image/png",) if line["evasion"] == "image" else ("application/pdf", DOCX)
            expect(self.parts[attached[0]].type in kinds, f"in {self.parts[attached[0]].type}")
        # Words of the author's own are in what the author wrote, and quoted ones are not.
        own = own_text(self.texts[0])
        for entry in line["evidence"]:
            if entry["layer"] != "attachment":
                expect((even(entry["quote"]) in own) == (entry["layer"] == "authored"), "the author's own text says otherwise")


# --- One arc ---------------------------------------------------------------------------------------------------------


def check_line(line, scenario, arc):
    """What a line says of its arc and scenario."""
    own = line["near_miss"] is None
    for key in ("scenario", "evasion", "severity", "alert_unit", "near_miss", "family", "language"):
        expect(line[key] == arc[key], f"{key}: {line[key]}, and the arc has {arc[key]}")
    expect(line["label"] in ("benign", "positive" if own else "near_miss"), "label")
    shown = line["label"] != "benign"
    expect(shown == (line["message_id"] in line["context"]), "context: its own id is there where it shows something, and only there")
    expect(shown or line["context"] == [], "context of a message that shows nothing")
    expect(not shown or line["evidence"], "nothing to be seen")
    people = {person["role"]: person["address"] for person in arc["people"]}
    phase = next((p for p in scenario["phases"] if p["phase"] == line["phase"]), None)
    if phase:
        expect(line["role"] == phase["from"], f"role: phase {phase['phase']} is told by {phase['from']}")
        expect(line["sender"] == people[phase["from"]], "the sender is not who plays the role")
        expect(line["recipients"][0] == people[phase["to"]], f"not to {phase['to']}")
    else:
        expect(line["phase"] is None, "no such phase")
        roles = [role for role, address in people.items() if address == line["sender"]] or ["bystander"]
        expect(line["role"] in roles, f"role: {roles}")
        expect(not shown or line["evasion"] == "quoted", "shows something in no phase")
    if not own:
        expect(line["due"] == "none", "an alert is owed on a near miss")
    elif not shown:
        expect(line["due"] == ("allowed" if line["evidence"] else "none"), "due")


def check_arc(arc, lines, scenario, arcs):
    ids = sorted(line["message_id"] for line in lines)
    expect(sorted(arc["messages"]) == ids, f"messages: {ids}")
    # Its threads stand anywhere in a block; an arc has them in their order.
    lines = sorted(lines, key=lambda line: arc["messages"].index(line["message_id"]))
    dates = [datetime.fromisoformat(line["date"].replace("Z", "+00:00")) for line in lines]
    expect(all(a < b for a, b in zip(dates, dates[1:])), f"dates do not rise: {[line['date'] for line in lines]}")
    expect((arc["first"], arc["last"]) == (lines[0]["date"], lines[-1]["date"]), "first and last")
    expect(arc["label"] == ("near_miss" if arc["near_miss"] else "positive"), "label")
    expect([person["role"] for person in arc["people"]] == scenario["roles"], "roles")
    expect(len({person["address"] for person in arc["people"]}) == len(arc["people"]), "one person in two roles")
    expect((arc["family"], arc["severity"]) == (scenario["family"], scenario["severity"]), "family, severity")
    expect(arc["evasion"] in LEVELS and arc["evasion"] not in scenario["without"], "evasion")
    if arc["near_miss"]:
        expect(arc["near_miss"] in scenario["nearMisses"], "near_miss: no such one")
        pair = arcs.get(arc["paired_with"])
        expect(pair and pair["label"] == "positive", "paired_with: no such arc")
        for key in ("scenario", "evasion", "language", "alert_unit"):
            expect(pair[key] == arc[key], f"{key} is not that of its pair")
    else:
        expect(arc["paired_with"] is None, "paired_with")

    threads = {}
    for line in lines:
        threads.setdefault(line["thread_id"], []).append(line)
    begun = [phase for phase in scenario["phases"] if phase["kind"] == "new"]
    expect(len(threads) == len(begun), f"{len(threads)} threads")
    unit = scenario["alertUnit"] if arc["evasion"] != "split" else "thread" if len(threads) == 1 else "person"
    expect(arc["alert_unit"] == unit, f"alert_unit: {unit}")
    shown = [line["message_id"] for line in lines if line["label"] != "benign"]
    expect(shown, "no message shows anything")
    for thread in threads.values():
        together = [line["message_id"] for line in thread if line["label"] != "benign"]
        for line in thread:
            if line["label"] != "benign":
                context = {"message": [line["message_id"]], "thread": together, "person": shown}[unit]
                expect(line["context"] == context, f"context of {line['message_id']}")
    check_phases(arc, list(threads.values()), scenario)


def check_phases(arc, threads, scenario):
    """Which phases are told, in their order, with ordinary messages before, between and behind; and what is owed on each."""
    groups = []
    for phase in scenario["phases"]:
        if phase["kind"] == "new":
            groups.append([])
        groups[-1].append(phase)
    for phases, lines in zip(groups, threads):
        # What is quoted alone was said before the corpus begins, and its first message there quotes it.
        ghost = arc["evasion"] == "quoted"
        told = [line["phase"] for line in lines if line["phase"]]
        expect(told == [phase["phase"] for phase in (phases[1:] if ghost else phases)], f"a thread tells {told}")
        for n, line in enumerate(lines):
            phase = next((phase for phase in phases if phase["phase"] == line["phase"]), None)
            here = n == 0 if arc["evasion"] in ("attachment", "image", "quoted") else phase is not None
            expect((line["label"] != "benign") == here, f"message {n} of a thread is {line['label']}")
            if here and arc["label"] == "positive":
                due = (phases[0] if ghost else phase)["due"]
                expect(line["due"] == due, f"due: {due}, on message {n} of a thread")


def check_complete(lines, messages):
    """Words of an arc that stand in a message of their thread have an entry, in each text that holds them."""
    said = {}
    for line in lines:
        for entry in line["evidence"]:
            part = messages[line["message_id"]].parts[entry["part"]]
            if entry["layer"] == "authored" or line["evasion"] == "quoted":
                said.setdefault(line["thread_id"], set()).add(even(entry["quote"]))
    for line in lines:
        for part in messages[line["message_id"]].texts:
            text = even(words_of(part.text) if part.type == "text/html" else part.text)
            here = {even(entry["quote"]) for entry in line["evidence"] if entry["part"] == part.path}
            for words in said.get(line["thread_id"], ()):
                expect((words in text) == (words in here), f"{line['message_id']}, part {part.path}: {words[:60]!r} stands there untold")


# --- All of it -------------------------------------------------------------------------------------------------------


def records(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return [json.loads(text) for text in file]


def main(folder):
    with open(os.path.join(folder, "scenarios.json"), encoding="utf-8") as file:
        scenarios = json.load(file)
    faults, seen, by_arc, messages = [], Counter(), {}, {}

    def attempt(where, check, *arguments):
        try:
            check(*arguments)
        except Exception as fault:  # whatever goes wrong in reading is the finding
            faults.append(f"{where}: {fault if isinstance(fault, Fault) else repr(fault)}")

    arcs = {arc["arc_id"]: arc for arc in records(folder, "arcs.jsonl")}
    for line in records(folder, "lines.jsonl"):
        where = f"{line['key']} ({line['scenario']}, {line['evasion']}, {line['label']})"
        if line["arc_id"] not in arcs:
            faults.append(f"{where}: its arc has no line")
            continue
        arc, scenario = arcs[line["arc_id"]], scenarios[line["language"]][line["scenario"]]
        by_arc.setdefault(line["arc_id"], []).append(line)
        seen["messages"] += 1
        seen[line["label"]] += 1
        attempt(where, check_line, line, scenario, arc)
        try:
            message = messages[line["message_id"]] = Message(folder, line)
        except Exception as fault:
            faults.append(f"{where}: {fault if isinstance(fault, Fault) else repr(fault)}")
            continue
        for check in (message.check_headers, message.check_shape, message.check_levels):
            attempt(where, check)
        for n, entry in enumerate(line["evidence"]):
            attempt(f"{where}: evidence {n}, part {entry['part']}", message.check_evidence, entry)
            part = message.parts.get(entry["part"])
            if part:
                seen["evidence"] += 1
                seen.update([entry["layer"], part.type])
                if not part.attached:
                    seen.update([part.encoding, part.charset])

    for arc in arcs.values():
        where = f"arc {arc['arc_id']} ({arc['scenario']}, {arc['evasion']}, {arc['label']})"
        lines = by_arc.get(arc["arc_id"], [])
        seen["arcs"] += 1
        seen[arc["scenario"]] += 1
        seen[arc["evasion"]] += 1
        attempt(where, check_arc, arc, lines, scenarios[arc["language"]][arc["scenario"]], arcs)
        attempt(where, check_complete, lines, messages)
    json.dump({"faults": faults, "seen": seen}, sys.stdout)


main(sys.argv[1])
