#!/bin/sh
# Studies and searches from strangers, and what lies beside them: each is refused by every command that opens one, with
# one line, and no file is changed or removed; what a sweep itself can leave behind is not refused.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
scripts=$(cd "$(dirname "$0")" && pwd)
. "$(dirname "$0")/expect.sh"

make() # make KIND [FILE]: bad.sqlite, of a study that was cut off
{
  rm -f bad.sqlite*
  cp study.sqlite bad.sqlite
  { python3 "$scripts/stranger.py" bad.sqlite "$@" || [ "$1" = killed ] || fail "cannot make $1"; } 2>/dev/null
}
refuse_reading() # refuse_reading PATTERN
{
  refuse 2 "$1" results bad.sqlite
  refuse 2 "$1" results bad.sqlite --json
  refuse 2 "$1" results new.sqlite --merge bad.sqlite
  refuse 2 "$1" results bad.sqlite --model 0 --out model
}
refuse_writing()
{
  refuse 2 "$1" sweep --resume bad.sqlite --device reference
  refuse 2 "$1" sweep $sweep --resume bad.sqlite --device reference
}
refuse_all()
{
  refuse_reading "$1"
  refuse_writing "$1"
  refuse 2 "$1" results bad.sqlite --merge study.sqlite
}

sweep='--hidden 2,3 --seed 0..4 --samples 10 --epochs 4'
run 0 sweep $sweep --db study.sqlite --device reference --quiet
echo precious >victim
sum=$(ask sum study.sqlite)

# ---- beside the study ----

for kind in super relative; do
  make $kind victim
  refuse_reading 'bad.sqlite has a -journal beside it'
  refuse_writing 'bad.sqlite-journal is not this file.s own journal, it names another file'
  refuse 2 'bad.sqlite has a -journal beside it' results bad.sqlite --merge study.sqlite
  same "$(cat victim)" precious
done
make larger
refuse_writing 'own journal, it is of a larger file: move it away'
for kind in none smaller; do
  make $kind
  refuse_writing 'own journal, it is of a smaller file: move it away'
  cmp -s bad.sqlite study.sqlite || fail "the study has changed"
done
make size
refuse_writing 'own journal, its pages have another size'
make whole
: >bad.sqlite
refuse 2 'own journal, what it belonged to is gone' sweep $sweep --resume bad.sqlite --device reference
if [ "$(id -u)" = 0 ]; then
  make whole
  chown 1 bad.sqlite-journal
  refuse_writing 'own journal, it has another owner'
fi
make garbage
refuse_writing 'own journal, it is no journal of SQLite'
for kind in link wal-link shm-fifo; do
  make $kind victim
  refuse_all 'bad.sqlite-.* is a link or no file'
  same "$(cat victim)" precious
done
rm -f bad.sqlite*
: >bad.sqlite
cp study.sqlite other.sqlite
python3 "$scripts/stranger.py" other.sqlite super victim
mv other.sqlite-journal bad.sqlite-journal
refuse_reading 'bad.sqlite is no'
refuse 2 'names another file' sweep $sweep --resume bad.sqlite --device reference
refuse 2 'names another file' sweep $sweep --db bad.sqlite --device reference
same "$(cat victim)" precious
rm other.sqlite

# A writer with a rollback journal (a network file system) that was killed: readers say so, and a sweep undoes it.
make killed
[ -s bad.sqlite-journal ] || fail 'no journal is left'
! cmp -s bad.sqlite study.sqlite || fail 'the killed writer had not written'
refuse_reading 'a write to bad.sqlite was not finished.* clfit sweep --resume'
run 0 sweep --resume bad.sqlite --device reference
same "$(ask sum bad.sqlite)" "$sum" 'undone'
same "$(echo bad.sqlite*)" bad.sqlite

# The networks of another shard are none of its own.
run 0 sweep $sweep --shard 1/2 --db shard.sqlite --device reference --quiet
python3 -c "import sqlite3
study = sqlite3.connect('shard.sqlite')
study.execute('UPDATE networks SET id = 1 WHERE id = 0')
study.commit()"
refuse 2 'network 1 is none of its sweep' sweep --resume shard.sqlite --device reference
rm shard.sqlite

# A lock is an empty file; what else has its name stays.
echo precious >study.sqlite-lock
refuse 2 'study.sqlite-lock is no empty file' sweep $sweep --resume study.sqlite --device reference
same "$(cat study.sqlite-lock)" precious
rm study.sqlite-lock
mkfifo study.sqlite-lock
refuse 2 'study.sqlite-lock is no empty file' sweep $sweep --resume study.sqlite --device reference
rm study.sqlite-lock
ln -s made study.sqlite-lock
refuse 2 'cannot write beside study.sqlite: ' sweep $sweep --resume study.sqlite --device reference
[ ! -e made ] || fail 'a file where a link of the lock leads'
rm study.sqlite-lock
: >study.sqlite-lock # of a process that was killed
run 0 sweep $sweep --resume study.sqlite --device reference
[ ! -e study.sqlite-lock ] || fail 'a lock is left'

# A merge that fails removes what it made, and not the link that leads there.
make status
ln -s made.sqlite link.sqlite
refuse 2 'network 3 of bad.sqlite has another status' results link.sqlite --merge study.sqlite bad.sqlite
refuse 2 'network 3 of bad.sqlite has another status' results new.sqlite --merge study.sqlite bad.sqlite
run 0 results link.sqlite --merge study.sqlite
[ -L link.sqlite ] && [ -s made.sqlite ] || fail 'no merge through a link'
rm link.sqlite made.sqlite

# ---- tables that are none, or others ----

make view
refuse_all 'bad.sqlite is no study of this clfit: .*networks'
make virtual
refuse_all 'bad.sqlite is no study of this clfit: .*networks'
make more-virtual
refuse_all 'it has a virtual table t'
make trigger
refuse_all 'it has a trigger t'
make index
refuse_all 'it has a index i\|it has an index i'
make other-view
refuse_all 'view results is defined otherwise'
make null-allowed
refuse_all 'table networks is defined otherwise'
make no-strict
refuse_all 'table networks is defined otherwise'
make endless
run 0 results bad.sqlite
make costly # no other table's content is computed
(ulimit -t 60; run 0 results bad.sqlite; run 0 sweep --resume bad.sqlite --device reference)
make own-view
run 0 results bad.sqlite
run 0 sweep --resume bad.sqlite --device reference

# ---- values that cannot be ----

make utf16
refuse_all 'bad.sqlite is not a study'
make null-status
refuse_all 'bad.sqlite is damaged: NULL value in networks.status'
make null-meta
refuse_all 'bad.sqlite is damaged: NULL value in meta.value'
make costly-null-status
(ulimit -t 60; refuse_all 'bad.sqlite is damaged: NULL value in networks.status')
make null-meta
truncate -s 1025M bad.sqlite # readers do not check the content of so large a file
refuse 2 'bad.sqlite is damaged: its rank_by is no text' results bad.sqlite
make text-blob
refuse_all 'bad.sqlite is damaged: non-BLOB value in parameters.data'
make blob-text
refuse_all 'bad.sqlite is damaged: non-TEXT value in networks.activation'
for kind in rows negative; do
  make $kind
  refuse_writing 'bad.sqlite is damaged: network .* is none of its sweep'
  refuse 2 'networks that are none of its sweep' results new.sqlite --merge bad.sqlite
done
make shard
refuse 2 '--shard must be I/N, I from 1 to N, N up to' sweep --resume bad.sqlite --device reference
refuse 2 'bad.sqlite is damaged: it is of no shard' results new.sqlite --merge bad.sqlite
refuse 2 '--shard must be' sweep --shard 1/100000000
make keys
refuse 2 'bad.sqlite is damaged: its table meta has more than defines a sweep' results new.sqlite --merge bad.sqlite
make long
refuse 2 'bad.sqlite is damaged: it holds a text or blob of more than 64 MiB' results bad.sqlite
refuse 2 'bad.sqlite is damaged: it holds a text or blob of more than 64 MiB' results new.sqlite --merge bad.sqlite
make digest
refuse 2 'bad.sqlite: network .*: its digest is no SHA-256' predict --study bad.sqlite --grid 0:1:3
rm -f bad.sqlite

# A study of successive halving, cut off in a rung.
halving='--hidden 2,3 --seed 0..9 --samples 10 --epochs 64 --halving 2 --min-epochs 4'
mv study.sqlite whole.sqlite
run 0 sweep $halving --db study.sqlite --device reference --quiet
python3 - <<'PYTHON'
import sqlite3
study = sqlite3.connect('study.sqlite')
study.execute("UPDATE networks SET status = 'pruned', steps = 40 WHERE id IN (SELECT id FROM rungs)")
study.execute('UPDATE rungs SET rung = 1')
study.execute("UPDATE meta SET value = '1' WHERE key = 'rung'")
study.commit()
PYTHON
make rows
refuse 2 'network .* is none of its sweep' sweep --resume bad.sqlite --device reference --quiet
make rung-rows
refuse 2 'rows of its rungs are of no network or rung' sweep --resume bad.sqlite --device reference --quiet
make rungs
refuse 2 'rows of its rungs are of no network or rung' sweep --resume bad.sqlite --device reference --quiet
make last-rung # to which no network goes on
refuse 2 'rows of its rungs are of no network or rung' sweep --resume bad.sqlite --device reference --quiet
make rung
refuse 2 'its halving has no rung 4000000000' sweep --resume bad.sqlite --device reference --quiet
make no-rung
refuse 2 'bad.sqlite is damaged' sweep --resume bad.sqlite --device reference --quiet
make half
refuse 2 'it has 10 networks in rung 1 of a sweep of 20' sweep --resume bad.sqlite --device reference --quiet
cp study.sqlite bad.sqlite
run 0 sweep --resume bad.sqlite --device reference --quiet
rm -f bad.sqlite study.sqlite
mv whole.sqlite study.sqlite

# ---- files of searches ----

refuse_search() # refuse_search PATTERN: by the file's own name, and by a link that lies elsewhere
{
  refuse 2 "$1" search --resume bad.sqlite --device reference
  refuse 2 "$1" search --resume elsewhere/link --device reference
  refuse 2 "bad.sqlite is not a study\|bad.sqlite-.* is a link\|bad.sqlite: a write\|a write to bad.sqlite" results bad.sqlite
}
mv study.sqlite whole.sqlite
mkdir elsewhere
ln -s ../bad.sqlite elsewhere/link
printf 'x,y\n0,1\n1,3\n2,4\n3,8\n4,9\n' >curve.csv
printf 'user,secret\n1,2\n3,4\n' >secret.csv
run 0 search --data curve.csv --max-rmse 5 --db study.sqlite --device reference
for kind in super relative; do
  make $kind victim
  refuse_search 'bad.sqlite-journal is not this file.s own journal, it names another file'
done
for kind in link wal-link shm-fifo; do
  make $kind victim
  refuse_search 'bad.sqlite-.* is a link or no file'
done
make definition-view
refuse_search 'is no search of this clfit: view definition is defined otherwise'
make definition-trigger
refuse_search 'it has a trigger t'
make definition-index
refuse_search 'it has a index i'
make definition-null-allowed
refuse_search 'table definition is defined otherwise'
make definition-null
refuse_search 'is damaged: NULL value in definition.text'
make rounds-text
refuse_search 'is damaged: non-BLOB value in rounds.bytes'
make utf16
refuse_search 'is not a search written by clfit search'

# A search may name any file of the machine: nothing is said of what is in it.
make data secret.csv
refuse_search 'the search in .* had other samples'
make no-digest secret.csv
refuse_search 'is damaged: it has no digest of its samples'
make endless
refuse_search 'is no search of this clfit: it has a view pragma_encoding'
cp curve.csv elsewhere
make data elsewhere/curve.csv
run 0 search --resume elsewhere/link --device reference
grep -q 'curve.csv: 5 rows' "$err" || fail 'nothing of the columns'
rm -rf bad.sqlite* study.sqlite elsewhere
python3 "$scripts/stranger.py" whole.sqlite super victim
mv whole.sqlite-journal new.sqlite-journal
refuse 2 'names another file' search --data curve.csv --max-rmse 5 --db new.sqlite --device reference
rm new.sqlite-journal
mv whole.sqlite study.sqlite

# ---- names that SQLite takes specially ----

for name in :memory: file:study.sqlite 'file:study.sqlite?mode=memory' :; do
  refuse 2 'cannot be the name of a study' sweep $sweep --db "$name" --device reference
  refuse 2 'cannot be the name of a study' sweep $sweep --resume "$name" --device reference
  refuse 2 'cannot be the name of a study' results "$name"
  refuse 2 'cannot be the name of a study' results "$name" --merge study.sqlite
  refuse 2 'cannot be the name of a study' results new.sqlite --merge "$name"
done
run 0 sweep $sweep --db ./:memory: --device reference --quiet
run 0 results ./:memory:
run 0 sweep $sweep --db './file:a?mode=memory' --device reference --quiet
[ -s './file:a?mode=memory' ] || fail 'a study of that name is no file'

# ---- filters ----

for call in "fts3_tokenizer('simple')" "load_extension('x')" "printf('%d', 1)" 'randomblob(9)' 'zeroblob(9)' \
  "replace('a', 'a', 'b')" 'sqlite_version()' "hex('a')" "char(65)" "json('1')"; do
  refuse 2 'not authorized to use function' results study.sqlite --where "$call is not null"
done
# A name that hides the view's is no way to other tables and columns.
for query in 'value as v from meta' 'data as v from parameters' '1 as v from parameters' 'history as v from networks' \
  'sql as v from sqlite_schema' 'name as v from pragma_table_info(1)'; do
  refuse 2 '--where can read nothing but the columns of the results\|not authorized' \
    results study.sqlite --where "(with results as (select $query) select count(v) from results) > 0"
done
run 0 results study.sqlite --where "(with results as (select rate as v from networks) select sum(v) from results) > 0"
run 0 results study.sqlite --where "train_seconds > 0 and steps_per_second > 0"
run 0 results study.sqlite --where "status like 'd%' and round(abs(rate), 2) = 0.1 and lower(activation) glob 's*'"
doubled="(select a || a || a || a || a || a || a || a as a from"
long='(select status as a from results)'
for level in 1 2 3 4 5 6; do long="$doubled $long)"; done
refuse 2 '--where makes a text or blob of more than 128 KiB' results study.sqlite --where "(select max(length(a)) from $long) > 0"
refuse 2 '--where takes more than 5 s' results study.sqlite --where "(select count(*) from results a, results b, results c,
  results d, results e, results f, results g, results h, results i, results j, results k, results l) > 0"
