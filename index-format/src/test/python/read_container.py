#!/usr/bin/env python3
"""Reads a container by docs/format.md alone, with the standard library and a zstd module (or libzstd) alone.

read_container.py FILE.pleat FILE.json   checks the container, and that it holds what its JSON twin states; silent if so
read_container.py --dump FILE.pleat      prints its bytes with their meaning
"""

import hashlib
import json
import os
import struct
import sys


class Damaged(Exception):
    pass


class Unsupported(Exception):
    pass


def check(condition, message, *arguments):
    if not condition:
        raise Damaged(message % arguments if arguments else message)


# Checksums and hashes


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
S0, S1, S2, S3 = 0x2D358DCCAA6C78A5, 0x8BB84B93962EACC9, 0x4B33A62ED433D4A3, 0x4D5A2DA51DE1AA47


def fold(a, b):
    product = a * b
    return product >> 64 ^ product & M64


def wyhash(data):
    def r8(at):
        return int.from_bytes(data[at:at + 8], "little")

    def r4(at):
        return int.from_bytes(data[at:at + 4], "little")

    n, g = len(data), fold(S0, S1)
    if n == 0:
        a = b = 0
    elif n <= 3:
        a, b = data[0] << 16 | data[n // 2] << 8 | data[n - 1], 0
    elif n <= 16:
        k = n // 8 * 4
        a, b = r4(0) << 32 | r4(k), r4(n - 4) << 32 | r4(n - 4 - k)
    else:
        i = 0
        if n >= 48:
            g1 = g2 = g
            while n - i >= 48:
                g = fold(r8(i) ^ S1, r8(i + 8) ^ g)
                g1 = fold(r8(i + 16) ^ S2, r8(i + 24) ^ g1)
                g2 = fold(r8(i + 32) ^ S3, r8(i + 40) ^ g2)
                i += 48
            g ^= g1 ^ g2
        while n - i > 16:
            g = fold(r8(i) ^ S1, r8(i + 8) ^ g)
            i += 16
        a, b = r8(n - 16), r8(n - 8)
    product = (a ^ S1) * (b ^ g)
    return fold(product & M64 ^ S0 ^ n, product >> 64 ^ S1)


# zstd


def slots_of(path, seed, s, f, slots):
    """The mixed hash of a path, and the XOR of its three slots."""
    m = wyhash(path) + seed & M64
    m = (m ^ m >> 33) * 0xFF51AFD7ED558CCD & M64
    m = (m ^ m >> 33) * 0xC4CEB9FE1A85EC53 & M64
    m ^= m >> 33
    x = m * (f * s) >> 64
    y = x + s ^ m >> 18 & s - 1
    z = x + 2 * s ^ m & s - 1
    return m, slots[x] ^ slots[y] ^ slots[z]


def _libzstd():
    import ctypes

    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_createDCtx.restype = ctypes.c_void_p
    library.ZSTD_decompress_usingDict.restype = ctypes.c_size_t
    library.ZSTD_decompress_usingDict.argtypes = [
        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p,
        ctypes.c_size_t]
    context = library.ZSTD_createDCtx()

    def inflate(data, length, dictionary):
        target = ctypes.create_string_buffer(length + 1)
        size = library.ZSTD_decompress_usingDict(
            context, target, length, data, len(data), dictionary, len(dictionary))
        check(size == length, "zstd frame does not inflate to %s bytes", length)
        return target.raw[:length]

    return inflate


def _module():
    """Of the first zstd at hand: (data, length, dictionary or no bytes) -> bytes."""
    try:
        from compression import zstd  # Python 3.14

        return _pyzstd(zstd)
    except ImportError:
        pass
    try:
        import zstandard

        def inflate(data, length, dictionary):
            known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
            return zstandard.ZstdDecompressor(dict_data=known).decompress(data, max_output_size=length)

        return inflate
    except ImportError:
        pass
    try:
        import pyzstd

        return _pyzstd(pyzstd)
    except ImportError:
        pass
    try:
        return _libzstd()
    except OSError:
        sys.exit("no zstd: needs Python 3.14, the module zstandard or pyzstd, or libzstd.so.1")


def _pyzstd(module):
    def inflate(data, length, dictionary):
        raw = dictionary[:4] != bytes.fromhex("37a430ec")
        return module.decompress(data, module.ZstdDict(dictionary, is_raw=raw) if dictionary else None)

    return inflate


def unzstd(data, length, dictionary=b""):
    """Inflates exactly one frame that states exactly this length and no dictionary id."""
    check(data[:4] == bytes.fromhex("28b52ffd") and len(data) > 5, "no zstd frame")
    descriptor = data[4]
    single = descriptor >> 5 & 1
    check(descriptor & 3 == 0, "zstd frame has a dictionary id")
    at = 5 + (1 - single)
    size = (single, 2, 4, 8)[descriptor >> 6]
    check(size, "zstd frame does not state its content size")
    content = int.from_bytes(data[at:at + size], "little") + (256 if size == 2 else 0)
    check(content == length, "zstd frame states %s bytes, expected %s", content, length)
    at += size
    last = False
    while not last:
        header = int.from_bytes(data[at:at + 3], "little")
        last, kind = header & 1, header >> 1 & 3
        at += 3 + (1 if kind == 1 else header >> 3)
        check(at <= len(data), "zstd frame does not end")
    check(at + 4 * (descriptor >> 2 & 1) == len(data), "zstd frame is not alone")
    if not hasattr(unzstd, "inflate"):
        unzstd.inflate = _module()
    try:
        inflated = unzstd.inflate(bytes(data), length, dictionary)
    except Exception as e:
        raise Damaged("zstd frame: %s" % e) from e
    check(len(inflated) == length, "zstd frame holds %s bytes, expected %s", len(inflated), length)
    return inflated


# Paths and keys


def file_key(path):
    directory, _, name = path.rpartition(b"/")
    return directory.replace(b"/", b"\0\1") + b"\0\0" + name


def directory_key(path):
    return path.replace(b"/", b"\0\1") + b"\0\0"


def directory_of(key):
    check(key.endswith(b"\0\0") and key.count(b"\0\0") == 1, "key of a directory")
    return key[:-2].replace(b"\0\1", b"/")


def check_path(path, root=False):
    check(len(path) <= 65535 and b"\0" not in path, "path of %s bytes", len(path))
    check(root and not path or all(name not in (b"", b".", b"..") for name in path.split(b"/")), "path %r", path)
    try:
        return path.decode()
    except UnicodeDecodeError as e:
        raise Damaged("path %r: %s" % (path, e)) from e


def ancestors(path):
    while path:
        path = path.rpartition(b"/")[0]
        yield path


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

    def numbers(self, count, size, what):
        values = self.take(count * size, what)
        return [int.from_bytes(values[i:i + size], "little") for i in range(0, count * size, size)]

    def packed(self, count, bits, what):
        data = self.data[self.at:self.at + (count * bits + 7) // 8]
        number = int.from_bytes(data, "little")
        values = [number >> i * bits & (1 << bits) - 1 for i in range(count)]
        self.take((count * bits + 7) // 8, "%s: %s" % (what, " ".join(map(str, values))))
        check(number >> count * bits == 0, "spare bits of %s", what)
        return values

    def zero(self, count, what="zero"):
        check(not any(self.take(count, what)), "reserved bytes before %s are not zero", self.base + self.at)

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
        check(length == 1 or byte, "%s is not as short as it can be", what)
        check(value <= M64, "%s has more than 64 bits", what)
        self.take(length, "%s: %d" % (what, value))
        return value

    def end(self, what):
        check(self.at == len(self.data), "%s: %s bytes are left", what, len(self.data) - self.at)


HEADER_MAGIC = bytes.fromhex("89504c4541540d0a")
FOOTER_MAGIC = bytes.fromhex("504c4541540d0a89")
SYNC_MARKER = bytes.fromhex("f09fa7b55245430a")
TABLE_MAGIC = bytes.fromhex("50494458")
VERSION = 1
HEADER_LENGTH, FOOTER_LENGTH, PAGE, MAX_SECTION = 40, 68, 512, 1 << 30
FILE, PASS_THROUGH, DIRECTORY, DICTIONARY = 1, 2, 3, 4
ENTRIES, DIRECTORIES, ATTRIBUTES, DICTIONARY_SECTION, LONG_PATHS, LOCATOR, FILTER = 1, 2, 3, 4, 5, 0x8001, 0x8002
WIDE, FAR, MARKED, ENCODED, IRREGULAR = 1, 2, 4, 8, 16


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
        self.read_payloads()
        self.check_totals()
        self.read_locator()
        self.read_filter()
        self.check_lookups()

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
        zero = part.number(2, "zero")
        self.id = part.take(16, "container id")
        check(part.take(8, "magic") == FOOTER_MAGIC, "magic of footer")
        check(part.crc("CRC of the footer") == crc32c(self.data[start:-4]), "CRC of footer")
        if version != VERSION:
            raise Unsupported("format version %d" % version)
        if required:
            raise Unsupported("required features 0x%08x" % required)
        check(zero == 0, "reserved bytes of footer")
        check(file_length == len(self.data), "file length")
        check(self.index_offset >= HEADER_LENGTH and self.index_offset + index_length == start, "index block")
        check(index_length <= MAX_SECTION, "index length")
        check(self.table_length <= index_length, "section table length")
        self.footer_at = start

    def read_header(self):
        part = self.part(0, HEADER_LENGTH)
        check(part.take(8, "header: magic") == HEADER_MAGIC, "magic of header")
        version = part.number(2, "format version")
        part.zero(2)
        required = part.number(4, "required features")
        part.number(4, "optional features")
        check(part.take(16, "container id") == self.id, "id in header")
        check(part.crc("CRC of the header") == crc32c(self.data[:36]), "CRC of header")
        if version != VERSION:
            raise Unsupported("format version %d" % version)
        if required:
            raise Unsupported("required features 0x%08x" % required)

    def read_table(self):
        start = self.footer_at - self.table_length
        part = self.part(start, self.footer_at)
        check(self.table_length >= 52, "section table length")
        check(part.take(4, "section table: magic") == TABLE_MAGIC, "magic of section table")
        count = part.number(4, "sections")
        check(count <= 64 and self.table_length == 52 + 32 * count, "section table length")
        names = ("entries", "directories", "pass-through entries", "recorded directories")
        self.counts = [part.number(4, name) for name in names]
        check(self.counts[0] <= 1 << 20 and self.counts[1] <= 1 << 22, "counts")
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
            if kind not in (ENTRIES, DIRECTORIES, ATTRIBUTES, DICTIONARY_SECTION, LONG_PATHS, LOCATOR, FILTER):
                if kind < 0x8000:
                    raise Unsupported("section of kind 0x%04x" % kind)
                self.notes.append((at, content, "section of unknown kind 0x%04x" % kind))
                continue
            check(kind not in self.sections, "section %s occurs twice", kind)
            check(encoding in (0, 1) or encoding == 2 and kind == 1, "encoding %s of section %s", encoding, kind)
            check(length <= MAX_SECTION and length <= 32768 * (stored + 1), "length of section %s", kind)
            if encoding == 1:
                self.notes.append((at, content, "section of kind %d, zstd" % kind))
                content = unzstd(content, length)
            elif encoding == 2:
                self.notes.append((at, content, "section of kind %d, columns" % kind))
                content = self.pages_of(content, length)
            check(len(content) == length, "length of section %s", kind)
            self.sections[kind] = Bytes(content, at, [] if encoding else self.notes)
        check(end == start - self.index_offset, "sections do not fill the index block")
        for kind in (ENTRIES, DIRECTORIES, ATTRIBUTES):
            check(kind in self.sections, "section %s is missing", kind)

    def pages_of(self, stored, length):
        """Puts the columns of encoding 2 together as pages."""
        crc_bytes = 4 * self.counts[0]
        check(length % 512 == 0 and crc_bytes <= min(length, len(stored)), "length of the columns")
        frame = unzstd(stored[:len(stored) - crc_bytes], length - crc_bytes)
        heads = [frame[18 * i:18 * i + 18] for i in range(length // 512)]
        cuts = []
        for head in heads:
            check(len(head) == 18, "columns end early")
            rows, wide, width = head[4], head[5] & 1, head[6]
            crcs_at = int.from_bytes(head[14:16], "little") + (rows * width + 7) // 8
            cuts.append((18, 18 + (4 if wide else 2) * rows, int.from_bytes(head[14:16], "little"), crcs_at, crcs_at + 4 * rows))
            check(cuts[-1] == tuple(sorted(cuts[-1])) and cuts[-1][-1] <= 512, "parts of a page")
        at = 18 * len(heads)
        parts = [[head] for head in heads]
        for first, last in ((0, 1), (1, 2), (2, 3), (4, None)):
            for i, cut in enumerate(cuts):
                count = (512 if last is None else cut[last]) - cut[first]
                parts[i].append(frame[at:at + count])
                at += count
        check(at == len(frame), "columns do not fill their frame")
        at = len(stored) - crc_bytes
        for part, cut in zip(parts, cuts):
            part.insert(4, stored[at:at + cut[4] - cut[3]])
            at += cut[4] - cut[3]
        check(at == len(stored), "checksums of the pages")
        return b"".join(b"".join(part) for part in parts)

    def column(self, part, count, what):
        base = part.number(8, what + ": base", signed=True)
        width = part.number(1, "width")
        check(width <= 8, "width of %s", what)
        planes = [part.take(count, "plane %d" % k) for k in range(width)]
        return base, [base + sum(planes[k][i] << 8 * k for k in range(width)) & M64 for i in range(count)]

    def read_attributes(self):
        part = self.sections[ATTRIBUTES]
        rows = part.number(4, "attributes: rows")
        check(rows == self.counts[0] + self.counts[1], "rows of attributes")
        strings = part.number(4, "strings")
        string_bytes = part.number(4, "bytes of strings")
        etag_bytes = part.number(4, "bytes of etags")
        check(strings <= part.at + len(part.data), "strings")
        starts = self.column(part, strings, "string starts")[1]
        texts = self.texts(starts, part.take(string_bytes, "strings"))
        check(len(set(texts)) == len(texts), "strings are not distinct")
        names = ("mtime seconds", "mtime nanoseconds", "mode", "owner", "group", "etag starts")
        columns = [self.column(part, rows, name) for name in names]
        etags = self.texts(columns[5][1], part.take(etag_bytes, "etags"))
        part.end("attributes")
        self.attributes, self.plain = [], []
        for i in range(rows):
            seconds, nanos, mode, owner, group = (values[i] for _, values in columns[:5])
            check(nanos < 10**9 and (mode <= 0o7777 or mode == 0xFFFF), "attributes of row %s", i)
            check(owner < strings and group < strings, "strings of row %s", i)
            self.attributes.append({
                "mtimeSeconds": seconds - (1 << 64) if seconds >> 63 else seconds, "mtimeNanos": nanos, "mode": mode,
                "owner": texts[owner], "group": texts[group], "etag": etags[i]})
            self.plain.append(not etags[i] and all(values[i] == base & M64 for base, values in columns[:5]))

    @staticmethod
    def texts(starts, text):
        check(starts[0] == 0 if starts else not text, "strings do not start at 0")
        ends = starts[1:] + [len(text)]
        check(all(0 <= end - start <= 255 for start, end in zip(starts, ends)), "starts of strings")
        try:
            return [text[start:end].decode() for start, end in zip(starts, ends)]
        except UnicodeDecodeError as e:
            raise Damaged("string: %s" % e) from e

    def read_entries(self):
        part = self.sections[ENTRIES]
        long_paths = self.sections.get(LONG_PATHS)
        check(len(part.data) % PAGE == 0, "entries section")
        self.entries, self.paths, self.pages = [], [], []
        for number in range(len(part.data) // PAGE):
            at = number * PAGE
            self.read_page(Bytes(part.data[at:at + PAGE], part.base + at, part.notes), number, long_paths)
        check(len(self.entries) == self.counts[0], "entries")
        keys = [file_key(path) for path in self.paths]
        check(all(a < b for a, b in zip(keys, keys[1:])), "entries are out of order")
        if long_paths:
            long_paths.end("long paths")
            check(long_paths.data, "long paths section is empty")

    def read_page(self, page, number, long_paths):
        first = page.number(4, "page: first ordinal")
        check(first == len(self.entries), "first ordinal of page %s", number)
        n = page.number(1, "rows")
        flags = page.number(1, "flags")
        w = page.number(1, "bits of an original length")
        v = page.number(1, "bits of a stored length")
        end = page.number(6, "stored bytes of the first row")
        columns = page.number(2, "columns start")
        usual = page.number(2, "usual overhead")
        check(1 <= n <= 64 and flags < 32 and w <= 56 and v <= 31, "page %s", number)
        wide, far = flags & WIDE, flags & FAR
        check(flags & ENCODED or v == 0, "page %s is not encoded, but has stored lengths", number)
        size = 2 if wide else 1
        shared = page.numbers(n, size, "shared")
        lengths = page.numbers(n, size, "lengths of paths")
        paths = []
        if far:
            check(n == 1 and wide and shared == [0] and long_paths, "far page %s", number)
            at = page.number(4, "path in long paths section")
            check(at == long_paths.at, "place of a long path")
            paths.append(long_paths.take(lengths[0], "long path"))
        else:
            before = b""
            for row in range(n):
                check(shared[row] <= min(len(before), lengths[row]), "shared bytes")
                path = before[:shared[row]] + page.take(lengths[row] - shared[row], "path")
                agree = len(os.path.commonprefix([before, path])) if row else 0
                check(shared[row] == agree, "shared bytes are not as many as agree")
                paths.append(path)
                before = path
        for path in paths:
            check_path(path)
            check(bool(wide) == (len(path) > 255), "path of %s bytes on page %s", len(path), number)
        check(columns == page.at, "columns of page %s", number)
        originals = page.packed(n, w, "original lengths")
        stored_crcs = page.numbers(n, 4, "CRC of stored bytes")
        marks = page.numbers(n, 1, "marks") if flags & MARKED else [0] * n
        codecs = page.numbers(n, 1, "codecs") if flags & ENCODED else [0] * n
        if flags & ENCODED:
            stored_lengths = page.packed(n, v, "stored lengths")
            crcs = page.numbers(n, 4, "CRC of original bytes")
        else:
            stored_lengths, crcs = originals, stored_crcs
        extra = {}
        if flags & IRREGULAR:
            last = 0
            for _ in range(page.number(1, "irregular rows")):
                row = page.number(1, "row")
                check(last < row < n, "irregular row %s", row)
                last = row
                z = page.varint("difference, folded")
                extra[row] = -(z + 1) // 2 if z & 1 else z // 2
        page.zero(PAGE - page.at)
        for row in range(n):
            start = end if row == 0 else end + usual + lengths[row] + extra.get(row, 0)
            check(marks[row] in (0, 1, 2), "mark %s", marks[row])
            passed = marks[row] == 1
            stored = 0 if passed else stored_lengths[row]
            check(not passed or stored_crcs[row] == crcs[row] == codecs[row] == 0, "pass-through has stored bytes")
            check(not passed or not flags & ENCODED or stored_lengths[row] == 0, "pass-through has stored bytes")
            check(codecs[row] or passed or stored == originals[row] and crcs[row] == stored_crcs[row], "codec 0")
            check(passed or originals[row] < 1 << 31 and stored < 1 << 31, "length")
            end = start + stored
            check(start >= HEADER_LENGTH and end <= self.index_offset, "stored bytes")
            ordinal = len(self.entries)
            self.paths.append(paths[row])
            self.entries.append({
                "path": paths[row].decode(), "ordinal": ordinal, "kind": "PASS_THROUGH" if passed else "FOLDED",
                "length": originals[row], "offset": start, "storedLength": stored, "codec": codecs[row],
                "storedCrc32c": "0x%08x" % stored_crcs[row], "crc32c": "0x%08x" % crcs[row],
                "racy": marks[row] == 2, "attributes": self.attributes[ordinal]})
        self.pages.append((first, n))

    def groups(self, part, rows):
        """Yields the keys of each group; the caller reads the tails before it asks for the next."""
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
                rest = part.varint("rest")
                check(shared <= len(before), "shared bytes")
                key = before[:shared] + part.take(rest, "name")
                check(shared == len(os.path.commonprefix([before, key])), "shared bytes are not as many as agree")
                keys.append(key)
                before = key
            check(part.at == end, "names of group %s", group)
            yield keys
        part.end("groups")

    def read_directories(self):
        part = self.sections[DIRECTORIES]
        self.directories, paths, keys = [], [], []
        first, recorded = 0, set()
        for group in self.groups(part, self.counts[1]):
            check(part.varint("first entry") == first, "first entry of a group of directories")
            for key in group:
                index = len(self.directories)
                flags = part.number(1, "flags")
                check(flags < 2, "flags of directory %s", index)
                count = part.varint("entries in it")
                below = part.varint("directories below it")
                path = directory_of(key)
                keys.append(key)
                paths.append(path)
                row = self.counts[0] + index
                check(flags or self.plain[row], "attributes of a directory that is not recorded")
                if flags:
                    recorded.add(path)
                self.directories.append({
                    "path": check_path(path, True), "index": index, "firstEntry": first, "endEntry": first + count,
                    "subtreeEndIndex": index + below + 1, "attributes": self.attributes[row] if flags else None})
                first += count
        check(first == self.counts[0], "directories hold %s entries", first)
        check(all(a < b for a, b in zip(keys, keys[1:])), "directories are out of order")
        needed = {path for entry in self.paths for path in ancestors(entry)}
        needed |= recorded | {path for directory in recorded for path in ancestors(directory)}
        check(set(paths) == needed, "directories are not those that are needed")
        check(not needed & set(self.paths), "a file is an ancestor")
        for directory, path in zip(self.directories, paths):
            end = directory["subtreeEndIndex"]
            check(end <= len(paths), "subtree of %s", path)
            directory["subtreeEndEntry"] = self.directories[end]["firstEntry"] if end < len(paths) else first
            below = path + b"/" if path else b""
            inside = [i for i, other in enumerate(paths) if other == path or other.startswith(below)]
            check(inside == list(range(directory["index"], end)), "subtree of %s", path)
            inside = [i for i, other in enumerate(self.paths) if other.rpartition(b"/")[0] == path]
            check(inside == list(range(directory["firstEntry"], directory["endEntry"])), "entries of %s", path)
            inside = [i for i, other in enumerate(self.paths) if other.startswith(below)]
            check(inside == list(range(directory["firstEntry"], directory["subtreeEndEntry"])), "entries below %s", path)

    def read_records(self):
        position, last = HEADER_LENGTH, b""
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
            part.zero(2)
            path = part.take(path, "path")
            names = [part.take(count, name) for count, name in ((owner, "owner"), (group, "group"), (etag, "etag"))]
            expected = crc32c(part.data[:part.at])
            check(part.crc("CRC of the record's header") == expected, "CRC of record at %s", position)
            attributes.update(zip(("owner", "group", "etag"), (check_text(name) for name in names)))
            offset = position + part.at
            payload = part.take(stored, "stored bytes")
            check(crc32c(payload) == stored_crc, "CRC of stored bytes at %s", offset)
            check(flags == 0 or flags == 1 and kind == FILE, "flags of record at %s", position)
            check(codec == 0 or kind == FILE, "codec of record at %s", position)
            check(codec or crc == stored_crc, "CRC of original bytes at %s", position)
            if kind in (FILE, PASS_THROUGH):
                entry = next(entries, None)
                found = dict(path=check_path(path), ordinal=ordinal, kind="FOLDED" if kind == FILE else "PASS_THROUGH",
                             length=length, offset=offset, storedLength=stored, codec=codec, racy=bool(flags & 1),
                             storedCrc32c="0x%08x" % stored_crc, crc32c="0x%08x" % crc, attributes=attributes)
                check(found == entry, "record and index block differ: %s", path)
                key = file_key(path)
            elif kind == DIRECTORY:
                directory = next(directories, None)
                found = dict(directory or {}, path=check_path(path, True), index=ordinal, attributes=attributes)
                check(directory == found and length == stored == 0, "record of %s", path)
                key = directory_key(path)
            else:
                check(kind == DICTIONARY and self.dictionary is None, "record of kind %s", kind)
                check(length == stored <= 1 << 20 and not any((ordinal, owner, group, etag, path)), "dictionary record")
                check(attributes["mode"] == 0xFFFF and not attributes["mtimeSeconds"], "dictionary record")
                check(not attributes["mtimeNanos"], "dictionary record")
                self.dictionary = payload
                key = last + b"\0"
            check(last < key or kind == DICTIONARY, "records are out of order at %s", position)
            last = key if kind != DICTIONARY else last
            check(codec != 2 or self.dictionary is not None, "dictionary comes after the record at %s", position)
            position = offset + stored
        check(next(entries, None) is None and next(directories, None) is None, "records are missing")
        section = self.sections.get(DICTIONARY_SECTION)
        check(self.dictionary == (section.take(len(section.data), "dictionary") if section else None), "dictionary")

    def read_payloads(self):
        for entry in self.entries:
            entry["sha256"] = None
            if entry["kind"] == "FOLDED":
                payload = self.data[entry["offset"]:entry["offset"] + entry["storedLength"]]
                codec, length = entry["codec"], entry["length"]
                check(codec <= 2, "codec %s", codec)
                if codec:
                    check(len(payload) < length <= 32768 * len(payload), "lengths of %s", entry["path"])
                    payload = unzstd(payload, length, self.dictionary if codec == 2 else b"")
                    check("0x%08x" % crc32c(payload) == entry["crc32c"], "CRC of original bytes of %s", entry["path"])
                entry["sha256"] = hashlib.sha256(payload).hexdigest()

    def check_totals(self):
        folded = [entry for entry in self.entries if entry["kind"] == "FOLDED"]
        passed = [entry["length"] for entry in self.entries if entry["kind"] == "PASS_THROUGH"]
        recorded = sum(1 for directory in self.directories if directory["attributes"])
        check(self.counts == [len(self.entries), len(self.directories), len(passed), recorded], "counts")
        totals = [sum(entry[name] for entry in folded) for name in ("length", "storedLength")]
        check(self.totals == totals + [sum(passed)], "totals")

    def read_locator(self):
        self.slots, self.complete = None, False
        part = self.sections.get(LOCATOR)
        if part is None:
            return
        self.seed, self.segment, self.segments, size, flags, self.slots = self.read_slots(part, "locator")
        check(flags < 2, "locator")
        self.complete = flags & 1
        right = {}
        for number, (first, count) in enumerate(self.pages):
            for path in self.paths[first:first + count]:
                value = wyhash(path)
                right.setdefault(value, []).append(self.page_of(path) == number)
        for value, found in right.items():
            check(any(found), "the locator leads no entry of hash 0x%016x to its page", value)
        lost = any(not all(found) for found in right.values())
        check(not self.complete or not lost, "the locator is not complete, but says so")

    def read_filter(self):
        part = self.sections.get(FILTER)
        if part is None:
            return
        check(max(self.sections) == FILTER, "the filter is not the last section")
        seed, segment, segments, size, flags, slots = self.read_slots(part, "filter")
        check(flags == 0, "flags of the filter")
        for path in self.paths:
            m, xor = slots_of(path, seed, segment, segments, slots)
            check(xor == (m ^ m >> 32) & (1 << 8 * size) - 1, "the filter denies %r", path)

    @staticmethod
    def read_slots(part, what):
        seed = part.number(8, what + ": seed")
        segment = part.number(4, "slots of a segment")
        segments = part.number(4, "segments")
        size = part.number(1, "bytes of a slot")
        flags = part.number(1, "flags")
        part.zero(6)
        check(segment & segment - 1 == 0 < segment, "slots of a segment: %s", segment)
        check(segments >= 1 and 1 <= size <= 4, what)
        count = (segments + 2) * segment
        check(count * size == len(part.data) - part.at, "slots")
        slots = part.numbers(count, size, "slots")
        part.end(what)
        return seed, segment, segments, size, flags, slots

    def page_of(self, path):
        return slots_of(path, self.seed, self.segment, self.segments, self.slots)[1]

    def on_page(self, number, path):
        first, count = self.pages[number]
        return next((i for i in range(first, first + count) if self.paths[i] == path), None)

    def find(self, path):
        """The ordinal of a path, None if there is none."""
        if self.slots:
            page = self.page_of(path)
            found = self.on_page(page, path) if page < len(self.pages) else None
            if found is not None or self.complete:
                return found
        key, low, high = file_key(path), 0, len(self.pages)
        while low < high:
            middle = (low + high) // 2
            if file_key(self.paths[self.pages[middle][0]]) <= key:
                low = middle + 1
            else:
                high = middle
        return self.on_page(low - 1, path) if low else None

    def check_lookups(self):
        known = set(self.paths)
        for ordinal, path in enumerate(self.paths):
            check(self.find(path) == ordinal, "lookup of %s", path)
            for other in (path + b"x", path[:-1], path.rpartition(b"/")[0], b"x" + path, path.upper()):
                check(other in known or self.find(other) is None, "lookup of %s, which is absent", other)

    def describe(self):
        return {
            "id": self.id.hex(), "version": VERSION, "length": len(self.data), "crc32c": "0x%08x" % crc32c(self.data),
            "indexOffset": self.index_offset,
            "dictionarySha256": None if self.dictionary is None else hashlib.sha256(self.dictionary).hexdigest(),
            "entries": self.entries, "directories": self.directories}


def check_text(data):
    try:
        return data.decode()
    except UnicodeDecodeError as e:
        raise Damaged("string: %s" % e) from e


def dump(container):
    end = 0
    for offset, data, what in sorted(container.notes, key=lambda note: note[0]):
        assert offset == end, (offset, end, what)
        end = offset + len(data)
        if len(data) > 16 and not any(data):
            lines = [(offset, "00 * %d" % len(data))]
        else:
            lines = [(offset + at, data[at:at + 16].hex(" ")) for at in range(0, len(data), 16)]
        for line, (at, shown) in enumerate(lines):
            print(("%5d  %-47s  %s" % (at, shown, "" if line else what)).rstrip())
    assert end == len(container.data)


def compare(file, twin):
    expected = json.loads(twin)
    refused = expected.pop("refused", None)
    try:
        container = Container(file)
    except Unsupported as e:
        check(str(e) == refused, "refused for its %s, expected %s", e, refused)
        return
    check(refused is None, "not refused for its %s", refused)
    found = container.describe()
    check(found.keys() == expected.keys(), "the twin states %s", ", ".join(expected))
    for name in expected:
        check(found[name] == expected[name], "%s is %s, expected %s", name, found[name], expected[name])


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    try:
        if arguments[0] == "--dump":
            with open(arguments[1], "rb") as file:
                dump(Container(file.read()))
            return
        with open(arguments[0], "rb") as file, open(arguments[1], encoding="utf-8") as twin:
            compare(file.read(), twin.read())
    except (Damaged, Unsupported) as e:
        sys.exit("%s: %s" % (type(e).__name__.lower(), e))


if __name__ == "__main__":
    main(sys.argv[1:])
