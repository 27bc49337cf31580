# Debian packages for the tests that drive a browser. As root it installs what is missing;
# otherwise it says what to type, and those tests are skipped visibly.
set -eu

missing=
command -v chromium > /dev/null || missing="$missing chromium"
ls /usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc > /dev/null 2>&1 || missing="$missing fonts-noto-cjk"
[ -n "$missing" ] || exit 0

command="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get > /dev/null; then
    echo "browser tests will be skipped: install$missing with the package manager of this system" >&2
elif [ "$(id -u)" != 0 ]; then
    echo "browser tests will be skipped until you run: sudo $command" >&2
else
    echo "installing for the browser tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && $command -qq > /dev/null || {
        echo "could not install$missing: browser tests will be skipped" >&2
    }
fi
