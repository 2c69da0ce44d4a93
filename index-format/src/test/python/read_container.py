#!/usr/bin/env python3
"""Reads a container by docs/format.md alone, with the standard library alone.

read_container.py FILE.pleat FILE.json   checks the container, and that it holds what its JSON twin states; silent if so
read_container.py --dump FILE.pleat      prints its bytes with their meaning
"""

import hashlib
import json
import struct
import sys
import zlib


class Damaged(Exception):
    pass


def check(condition, message, *arguments):
    if not condition:
        raise Damaged(message % arguments if arguments else message)


def _table():
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


M64 = (1 << 64) - 1
P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)


def rotate(value, bits):
    return (value << bits | value >> 64 - bits) & M64


def xxh64(data, seed):
    def step(accumulator, lane):
        return rotate((accumulator + lane * P2) & M64, 31) * P1 & M64

    at = 0
    if len(data) >= 32:
        lanes = [(seed + P1 + P2) & M64, (seed + P2) & M64, seed, (seed - P1) & M64]
        while at <= len(data) - 32:
            for i in range(4):
                lanes[i] = step(lanes[i], int.from_bytes(data[at + 8 * i:at + 8 * i + 8], "little"))
            at += 32
        value = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & M64
        for lane in lanes:
            value = ((value ^ step(0, lane)) * P1 + P4) & M64
    else:
        value = (seed + P5) & M64
    value = (value + len(data)) & M64
    while at <= len(data) - 8:
        value ^= step(0, int.from_bytes(data[at:at + 8], "little"))
        value = (rotate(value, 27) * P1 + P4) & M64
        at += 8
    if at <= len(data) - 4:
        value ^= int.from_bytes(data[at:at + 4], "little") * P1 & M64
        value = (rotate(value, 23) * P2 + P3) & M64
        at += 4
    while at < len(data):
        value = rotate(value ^ data[at] * P5 & M64, 11) * P1 & M64
        at += 1
    value = (value ^ value >> 33) * P2 & M64
    value = (value ^ value >> 29) * P3 & M64
    return value ^ value >> 32


def file_key(path):
    directory, slash, name = path.rpartition(b"/")
    return directory.replace(b"/", b"\0\1") + b"\0\0" + name


def directory_key(path):
    return path.replace(b"/", b"\0\1") + b"\0\0"


def path_of(key):
    directory, name = key.split(b"\0\0", 1)
    directory = directory.replace(b"\0\1", b"/")
    return directory + b"/" + name if directory and name else directory or name


class Bytes:
    """Bytes read one field after the other; notes each field for the dump."""

    def __init__(self, data, base, notes):
        self.data, self.base, self.notes, self.at = data, base, notes, 0

    def take(self, count, what):
        check(0 <= count <= len(self.data) - self.at, "%s of %s bytes leaves its part", what, count)
        value = self.data[self.at:self.at + count]
        if count:
            self.notes.append((self.base + self.at, value, what))
        self.at += count
        return value

    def number(self, count, what, signed=False):
        value = int.from_bytes(self.data[self.at:self.at + count], "little", signed=signed)
        shown = "%d" % value if value < 1 << 31 else "0x%x" % value
        self.take(count, "%s: %s" % (what, shown))
        return value

    def crc(self, what):
        value = int.from_bytes(self.data[self.at:self.at + 4], "little")
        self.take(4, what)
        return value

    def varint(self, what):
        value, length = 0, 0
        while True:
            check(self.at + length < len(self.data) and length < 10, "%s does not end", what)
            byte = self.data[self.at + length]
            value |= (byte & 0x7F) << 7 * length
            length += 1
            if byte < 0x80:
                break
        self.take(length, "%s: %d" % (what, value))
        return value


HEADER_MAGIC = bytes.fromhex("89504c4541540d0a")
FOOTER_MAGIC = bytes.fromhex("504c4541540d0a89")
SYNC_MARKER = bytes.fromhex("f09fa7b55245430a")
HEADER_LENGTH, FOOTER_LENGTH, RECORD_FIXED = 40, 68, 80
FILE, PASS_THROUGH, DIRECTORY, DICTIONARY = 1, 2, 3, 4
ENTRIES, DIRECTORIES, ATTRIBUTES, DICTIONARY_SECTION, HASH = 1, 2, 3, 4, 0x8001


class Container:
    def __init__(self, data):
        self.data = data
        self.notes = []
        self.read_footer()
        self.read_header()
        self.read_table()
        self.read_attributes()
        self.read_entries()
        self.read_directories()
        self.read_records()
        self.check_hash()

    def part(self, start, end):
        return Bytes(self.data[start:end], start, self.notes)

    def bound(self, kind, data):
        return crc32c(self.id + struct.pack("<I", kind) + data)

    def read_footer(self):
        check(len(self.data) >= HEADER_LENGTH + 52 + FOOTER_LENGTH, "file is too short")
        start = len(self.data) - FOOTER_LENGTH
        part = self.part(start, len(self.data))
        self.index_offset = part.number(8, "footer: index offset")
        index_length = part.number(8, "index length")
        file_length = part.number(8, "file length")
        self.table_length = part.number(4, "section table length")
        required = part.number(4, "required features")
        part.number(4, "optional features")
        version = part.number(2, "format version")
        part.number(2, "zero")
        self.id = part.take(16, "container id")
        check(part.take(8, "magic") == FOOTER_MAGIC, "magic of footer")
        check(part.crc("CRC of the footer") == crc32c(self.data[start:-4]), "CRC of footer")
        check(version == 0 and required == 0, "version %s, features %s", version, required)
        check(file_length == len(self.data), "file length")
        check(self.index_offset >= HEADER_LENGTH and self.index_offset + index_length == start, "index block")
        check(self.table_length <= index_length, "section table length")
        self.footer_at = start

    def read_header(self):
        part = self.part(0, HEADER_LENGTH)
        check(part.take(8, "header: magic") == HEADER_MAGIC, "magic of header")
        check(part.number(2, "format version") == 0, "version")
        part.number(2, "zero")
        check(part.number(4, "required features") == 0, "features")
        part.number(4, "optional features")
        check(part.take(16, "container id") == self.id, "id in header")
        check(part.crc("CRC of the header") == crc32c(self.data[:36]), "CRC of header")

    def read_table(self):
        start = self.footer_at - self.table_length
        part = self.part(start, self.footer_at)
        check(part.take(4, "section table: magic") == b"PIDX", "magic of section table")
        count = part.number(4, "sections")
        check(self.table_length == 52 + 32 * count, "section table length")
        names = ("entries", "directories", "pass-through entries", "recorded directories")
        self.counts = [part.number(4, name) for name in names]
        names = ("original bytes", "stored bytes", "pass-through bytes")
        self.totals = [part.number(8, name) for name in names]
        rows = []
        for _ in range(count):
            kind = part.number(2, "section: kind")
            encoding = part.number(2, "encoding")
            crc = part.crc("bound CRC")
            offset, stored, length = (part.number(8, name) for name in ("offset", "stored length", "length"))
            rows.append((kind, encoding, crc, offset, stored, length))
        check(part.crc("bound CRC of the table") == self.bound(0, self.data[start:self.footer_at - 4]), "table's CRC")
        end = 0
        self.sections = {}
        for kind, encoding, crc, offset, stored, length in rows:
            check(offset == end, "section %s has a gap before it", kind)
            end += stored
            at = self.index_offset + offset
            check(end <= start - self.index_offset, "section %s leaves the index block", kind)
            content = self.data[at:at + stored]
            check(self.bound(kind, content) == crc, "CRC of section %s", kind)
            check(kind >= 0x8000 or 1 <= kind <= 4, "section %s is not known", kind)
            if encoding == 1:
                inflater = zlib.decompressobj(-15)
                self.notes.append((at, content, "deflated section"))
                content = inflater.decompress(content, length + 1)
                check(inflater.eof and not inflater.unused_data, "section %s does not inflate", kind)
            check(len(content) == length, "length of section %s", kind)
            self.sections[kind] = Bytes(content, at, [] if encoding else self.notes)
        check(end == start - self.index_offset, "sections do not fill the index block")

    def column(self, part, count, what):
        base = part.number(8, what + ": base", signed=True)
        width = part.number(1, "width")
        planes = [part.take(count, "plane %d" % k) for k in range(width)]
        return [(base + sum(planes[k][i] << 8 * k for k in range(width))) & M64 for i in range(count)]

    def read_attributes(self):
        part = self.sections[ATTRIBUTES]
        rows = part.number(4, "attributes: rows")
        check(rows == self.counts[0] + self.counts[1], "rows of attributes")
        strings = part.number(4, "strings")
        string_bytes = part.number(4, "bytes of strings")
        etag_bytes = part.number(4, "bytes of etags")
        starts = self.column(part, strings, "string starts") + [string_bytes]
        text = part.take(string_bytes, "strings")
        texts = [text[a:b].decode() for a, b in zip(starts, starts[1:])]
        names = ("mtime seconds", "mtime nanoseconds", "mode", "owner", "group", "etag starts")
        columns = [self.column(part, rows, name) for name in names]
        etags = part.take(etag_bytes, "etags")
        check(part.at == len(part.data), "attributes do not fill their section")
        etag_starts = columns[5] + [etag_bytes]
        self.attributes = []
        for i in range(rows):
            seconds = columns[0][i]
            self.attributes.append({
                "mtimeSeconds": seconds - (1 << 64) if seconds >> 63 else seconds,
                "mtimeNanos": columns[1][i], "mode": columns[2][i],
                "owner": texts[columns[3][i]] if texts else "", "group": texts[columns[4][i]] if texts else "",
                "etag": etags[etag_starts[i]:etag_starts[i + 1]].decode()})

    def groups(self, part, rows):
        """Yields (keys, None) of each group; the caller reads the tails before it asks for the next."""
        count = (rows + 15) // 16
        offsets = [part.number(4, "offset of group %d" % i) for i in range(count)]
        check(part.number(4, "length of section") == len(part.data), "group offsets")
        for group in range(count):
            check(part.at == offsets[group], "group %s is not where it should be", group)
            length = part.varint("length of names")
            end = part.at + length
            keys, before = [], b""
            for _ in range(min(16, rows - 16 * group)):
                shared = part.varint("shared")
                check(shared <= len(before) and (keys or shared == 0), "shared bytes")
                rest = part.varint("rest")
                key = before[:shared] + part.take(rest, "name")
                check(not keys or key > before and (shared == len(before) or key[shared] != before[shared]), "names")
                keys.append(key)
                before = key
            check(part.at == end, "names of group %s", group)
            yield keys
        check(part.at == len(part.data), "groups do not fill their section")

    def read_entries(self):
        part = self.sections[ENTRIES]
        self.entries = []
        last = b""
        for keys in self.groups(part, self.counts[0]):
            end = 0
            for key in keys:
                check(last < key, "entries are out of order")
                last = key
                flags = part.number(1, "flags")
                check(flags in (0, 1, 2, 4, 6), "flags %s", flags)
                start = end + part.varint("gap")
                length = stored = part.varint("original length")
                codec, crc = 0, None
                if flags & 4:
                    codec = part.number(1, "codec")
                    stored = part.varint("stored length")
                    crc = part.crc("CRC of original bytes")
                stored_crc = 0
                if flags & 1:
                    stored = 0
                else:
                    stored_crc = part.crc("CRC of stored bytes")
                end = start + stored
                check(end <= self.index_offset, "stored bytes")
                payload = self.data[start:end]
                check(flags & 1 or crc32c(payload) == stored_crc, "CRC of stored bytes")
                ordinal = len(self.entries)
                self.entries.append({
                    "path": path_of(key).decode(), "ordinal": ordinal, "kind": "PASS_THROUGH" if flags & 1 else "FOLDED",
                    "length": length, "offset": start, "storedLength": stored, "codec": codec,
                    "storedCrc32c": "0x%08x" % stored_crc, "crc32c": "0x%08x" % (stored_crc if crc is None else crc),
                    "racy": bool(flags & 2), "attributes": self.attributes[ordinal],
                    "sha256": None if flags & 1 else hashlib.sha256(payload).hexdigest() if codec == 0 else "encoded"})

    def read_directories(self):
        part = self.sections[DIRECTORIES]
        self.directories = []
        first = 0
        for keys in self.groups(part, self.counts[1]):
            check(part.varint("first entry") == first, "first entry of a group of directories")
            for key in keys:
                index = len(self.directories)
                flags = part.number(1, "flags")
                count = part.varint("entries in it")
                below = part.varint("directories below it")
                self.directories.append({
                    "path": path_of(key).decode(), "index": index, "firstEntry": first, "endEntry": first + count,
                    "subtreeEndIndex": index + below + 1,
                    "attributes": self.attributes[self.counts[0] + index] if flags & 1 else None})
                first += count
        check(first == self.counts[0], "directories hold %s entries", first)
        for directory in self.directories:
            end = directory["subtreeEndIndex"]
            directory["subtreeEndEntry"] = self.directories[end]["firstEntry"] if end < len(self.directories) else first

    def read_records(self):
        position = HEADER_LENGTH
        entries = iter(self.entries)
        directories = iter(d for d in self.directories if d["attributes"])
        self.dictionary = None
        while position < self.index_offset:
            part = self.part(position, self.index_offset)
            check(part.take(8, "record: sync marker") == SYNC_MARKER, "sync marker at %s", position)
            check(part.take(16, "container id") == self.id, "id in record at %s", position)
            check(part.number(8, "own offset") == position, "own offset at %s", position)
            ordinal = part.number(4, "ordinal")
            kind, codec, flags = (part.number(1, name) for name in ("kind", "codec", "flags"))
            owner, group, etag = (part.number(1, name + " length") for name in ("owner", "group", "etag"))
            path = part.number(2, "path length")
            length = part.number(8, "original length")
            stored = part.number(4, "stored length")
            stored_crc, crc = part.crc("CRC of stored bytes"), part.crc("CRC of original bytes")
            attributes = {"mtimeSeconds": part.number(8, "mtime seconds", signed=True),
                          "mtimeNanos": part.number(4, "mtime nanoseconds"), "mode": part.number(2, "mode")}
            check(part.number(2, "zero") == 0, "reserved bytes of record at %s", position)
            path = part.take(path, "path").decode()
            attributes["owner"] = part.take(owner, "owner").decode()
            attributes["group"] = part.take(group, "group").decode()
            attributes["etag"] = part.take(etag, "etag").decode()
            expected = crc32c(part.data[:part.at])
            check(part.crc("CRC of the record's header") == expected, "CRC of record at %s", position)
            offset = position + part.at
            payload = part.take(stored, "stored bytes")
            if kind in (FILE, PASS_THROUGH):
                entry = next(entries)
                found = dict(entry, path=path, ordinal=ordinal, kind="FOLDED" if kind == FILE else "PASS_THROUGH",
                             length=length, offset=offset, storedLength=stored, codec=codec, racy=bool(flags & 1),
                             storedCrc32c="0x%08x" % stored_crc, crc32c="0x%08x" % crc, attributes=attributes)
                check(found == entry, "record and index block differ: %s", path)
            elif kind == DIRECTORY:
                directory = next(directories)
                check(directory == dict(directory, path=path, index=ordinal, attributes=attributes), "record of %s", path)
            else:
                check(kind == DICTIONARY and crc32c(payload) == stored_crc, "record of kind %s", kind)
                self.dictionary = payload
            position = offset + stored
        check(next(entries, None) is None and next(directories, None) is None, "records are missing")
        section = self.sections.get(DICTIONARY_SECTION)
        check(self.dictionary == (section.take(len(section.data), "dictionary") if section else None), "dictionary")

    def check_hash(self):
        part = self.sections.get(HASH)
        if part is None:
            return
        salt = part.number(8, "hash section: salt")
        count = part.number(4, "slots")
        part.number(4, "zero")
        slots = [part.number(4, "slot") for _ in range(count)]
        check(part.at == len(part.data), "hash section")
        expected = [0] * count
        for entry in self.entries:
            value = xxh64(entry["path"].encode(), salt)
            slot = (value >> 32) * count >> 32
            for _ in range(64):
                if not expected[slot]:
                    expected[slot] = (value & 0xFFF or 1) << 20 | entry["ordinal"]
                    break
                slot = (slot + 1) % count
        check(slots == expected, "hash slots")

    def describe(self):
        return {
            "id": self.id.hex(), "version": 0, "length": len(self.data), "crc32c": "0x%08x" % crc32c(self.data),
            "indexOffset": self.index_offset,
            "dictionarySha256": hashlib.sha256(self.dictionary).hexdigest() if self.dictionary else None,
            "entries": self.entries, "directories": self.directories}


def dump(container):
    end = 0
    for offset, data, what in sorted(container.notes, key=lambda note: note[0]):
        assert offset == end, (offset, end, what)
        end = offset + len(data)
        for at in range(0, len(data), 16):
            line = "%5d  %-47s  %s" % (offset + at, data[at:at + 16].hex(" "), what if at == 0 else "")
            print(line.rstrip())
    assert end == len(container.data)


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    if arguments[0] == "--dump":
        with open(arguments[1], "rb") as file:
            dump(Container(file.read()))
        return
    with open(arguments[0], "rb") as file:
        found = Container(file.read()).describe()
    with open(arguments[1], encoding="utf-8") as file:
        expected = json.load(file)
    for entry in expected["entries"]:
        if entry["codec"]:
            entry["sha256"] = "encoded"  # This reader has no zstd.
    for name in expected:
        check(found[name] == expected[name], "%s is %s, expected %s", name, found[name], expected[name])


if __name__ == "__main__":
    main(sys.argv[1:])
