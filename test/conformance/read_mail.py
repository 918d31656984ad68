"""Reads every .eml of a folder with Python's email package and prints a JSON line for each.

Strict: a defect in the structure raises; a defect in any header of any part is listed, and so is what a reader would
have to guess (bytes that are not in the declared charset, base64 that is cut off).
"""

import hashlib
import json
import os
import sys
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

if sys.version_info < (3, 9):
    sys.exit("python3 3.9 or newer is needed (apt-get install python3), this is " + sys.version.split()[0])


def read(raw):
    message = message_from_bytes(raw, policy=policy.strict)
    defects = []
    # Reading a header parses it again each time, and slowly: once is enough.
    headers = {}
    for part in message.walk():
        defects += [f"{part.get_content_type()}: {defect!r}" for defect in part.defects]
        for name, value in part.items():
            defects += [f"{part.get_content_type()}: {name}: {defect!r}" for defect in value.defects]
            if part is message:
                headers.setdefault(name.lower(), []).append(value)

    texts, htmls, attachments = [], [], []
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)  # under policy.strict a fault in base64 raises
        kind = part.get_content_type()
        if part.is_attachment():
            attachments.append([part.get_filename(), kind, hashlib.sha256(content).hexdigest()])
        elif kind == "text/plain":
            texts.append(content.decode(part.get_content_charset(), "strict"))
        elif kind == "text/html":
            htmls.append(content.decode(part.get_content_charset(), "strict"))
        else:
            defects.append(f"{kind}: neither text nor attachment")

    def one(name):
        values = headers.get(name, [])
        if len(values) > 1:
            defects.append(f"{name}: {len(values)} of them")
        return str(values[0]) if values else None

    def people(name):
        return [[a.display_name, a.addr_spec] for value in headers.get(name, []) for a in value.addresses]

    return {
        "defects": defects,
        "subject": one("subject"),
        "from": people("from"),
        "to": people("to"),
        "cc": people("cc"),
        "bcc": people("bcc"),
        "date": int(parsedate_to_datetime(one("date")).timestamp()),
        "messageId": one("message-id"),
        "inReplyTo": one("in-reply-to"),
        "references": (one("references") or "").split(),
        "texts": texts,
        "htmls": htmls,
        "attachments": attachments,
    }


def main(folder):
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            raw = file.read()
        try:
            result = read(raw)
        except Exception as error:  # whatever the parser throws at a message is the finding
            result = {"raised": repr(error)}
        sys.stdout.write(json.dumps({"file": name, **result}) + "\n")


main(sys.argv[1])
