#!/usr/bin/env bash
# Fetches and unpacks a Debian source package, with Debian's patches: debian-source.sh PACKAGE DIRECTORY
# Prints the version. The system's list of sources is left alone: the deb-src line and its index are kept in DIRECTORY/apt.
set -euo pipefail
package=$1
mkdir -p "$2/apt/lists/partial" "$2/apt/archives/partial"
cd "$2"
. /etc/os-release
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $VERSION_CODENAME main" >apt/sources.list
cat >apt/apt.conf <<END
Dir::Etc::sourcelist "$PWD/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$PWD/apt/lists";
Dir::Cache "$PWD/apt";
APT::Sandbox::User "";
END
export APT_CONFIG=$PWD/apt/apt.conf
fetch() {
  apt-get update -q && apt-get source -q --download-only "$package" && rm -rf source && dpkg-source -x "$package"_*.dsc source
}
fetch >apt/log 2>&1 || { tail -n 5 apt/log >&2; exit 1; }
dpkg-parsechangelog -l source/debian/changelog -S Version
