# Prometheus for the test of the metrics: Debian's package taken apart into .venv, not installed, so that
# no service starts.
set -eu

target=.venv/prometheus
[ -x "$target/prometheus" ] && exit 0

skipped() {
    echo "the test with a real Prometheus will be skipped: $1" >&2
    exit 0
}
command -v prometheus > /dev/null && exit 0
[ -d .venv ] || skipped 'there is no .venv'
command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null || skipped 'this is no Debian'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
echo "getting Prometheus into $target"
(cd "$folder" && apt-get download -qq prometheus > /dev/null 2>&1) || skipped 'apt did not give it'
dpkg-deb --extract "$folder"/prometheus_*.deb "$folder/all" || skipped 'what apt gave cannot be unpacked'
mkdir -p "$target"
mv "$folder/all/usr/bin/prometheus" "$folder/all/usr/bin/promtool" "$target/"
