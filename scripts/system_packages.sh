# Debian packages for the tests that drive a browser or start a server. As root it installs what is
# missing; otherwise it says what to type, and those tests are skipped visibly (with CI=true they fail).
set -eu

PATH=$PATH:/usr/sbin
missing=
command -v chromium > /dev/null || missing="$missing chromium"
ls /usr/share/fonts/opentype/noto/NotoSansCJK-*.ttc > /dev/null 2>&1 || missing="$missing fonts-noto-cjk"
# The parts without a service: nothing of them runs but what the tests start.
command -v mariadbd > /dev/null || missing="$missing mariadb-server-core"
command -v my_print_defaults > /dev/null || missing="$missing mariadb-client-core"
command -v java > /dev/null || missing="$missing default-jre-headless"

if [ -n "$missing" ]; then
    command="apt-get install -y --no-install-recommends$missing"
    if ! command -v apt-get > /dev/null; then
        echo "some tests will be skipped: install$missing with the package manager of this system" >&2
    elif [ "$(id -u)" != 0 ]; then
        echo "some tests will be skipped until you run: sudo $command" >&2
    else
        echo "installing for the tests:$missing"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && $command -qq > /dev/null || {
            echo "could not install$missing: some tests will be skipped" >&2
        }
    fi
fi

sh "$(dirname "$0")/prometheus.sh"
exec sh "$(dirname "$0")/dynamodb_local.sh"
