#!/usr/bin/env bash
# The Linux kernel's source tree, as Debian ships it: about 78,500 files, 1.3 GB.
set -euo pipefail

PACKAGE=linux-source-6.1

usage() {
  cat <<END
Usage: kernel-tree.sh DEST

Extracts the Linux source tree of Debian's package $PACKAGE into DEST, which then is
the tree's own root (DEST/Makefile, DEST/kernel, ...): about 78,500 files, 1.3 GB.

The archive is taken from /usr/src if the package is installed. Otherwise root installs
it with apt-get; anybody else downloads the package and unpacks it beside DEST, installing
nothing. Debian's package sources must be set up.

A second call does nothing: DEST.done, beside the tree and not inside it, marks a complete
one. A call that was interrupted starts the extraction afresh.
END
}

die() {
  echo "kernel-tree.sh: $*" >&2
  exit 1
}

case "${1:-}" in
  -h | --help)
    usage
    exit 0
    ;;
  "" | -*)
    usage >&2
    exit 2
    ;;
esac
[ $# -eq 1 ] || { usage >&2; exit 2; }

mkdir -p "$(dirname "$1")"
dest="$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
marker="$dest.done"
if [ -e "$marker" ]; then
  echo "$dest is complete: $(cat "$marker")"
  exit 0
fi
partial="$dest.partial"
if [ -e "$dest" ]; then
  die "$dest exists, but $marker doesn't: not made by this script, so it is left alone"
fi
command -v xz > /dev/null || die "xz is missing (Debian package xz-utils)"

archive="/usr/src/$PACKAGE.tar.xz"
downloads="$dest.download"
if [ ! -r "$archive" ]; then
  command -v apt-get > /dev/null || die "$archive is not there, and no apt-get to fetch $PACKAGE with"
  if [ "$(id -u)" -eq 0 ]; then
    echo "installing $PACKAGE"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$PACKAGE" >&2
  else
    echo "downloading $PACKAGE"
    mkdir -p "$downloads"
    (cd "$downloads" && rm -f ./*.deb && apt-get download -q "$PACKAGE" >&2 && dpkg -x ./*.deb .)
    archive="$downloads$archive"
  fi
fi
[ -r "$archive" ] || die "$archive is not there although $PACKAGE was fetched"

echo "extracting $archive"
rm -rf "$partial"
mkdir "$partial"
tar -C "$partial" --strip-components=1 -xf "$archive"
mv "$partial" "$dest"
rm -rf "$downloads"
files=$(find "$dest" -type f | wc -l)
echo "$files files of $PACKAGE" > "$marker"
echo "$dest holds $files files"
