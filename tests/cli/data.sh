#!/bin/sh
# Files of samples: what they may look like, what is said of them, weights, and what a resumed model may read.
set -eu
. "$(dirname "$0")/expect.sh"

# ---- dialects: one training, whatever the file looks like ----

small='--hidden 3 --epochs 20 --rate 0.01 --json --device reference'

# same_training FILE LINE [OPTION...]: the digest is that of the first file; stderr says LINE of it.
digest=
same_training()
{
  file=$1
  line=$2
  shift 2
  run 0 train --data "$file" $small "$@"
  digest=${digest:-$(value digest "$out")}
  same "$(value digest "$out")" "$digest" "$file"
  same "$(head -n 1 "$err")" "clfit: $file: $line" # a warning of so short a training may follow
  run 0 train --data "$file" $small --quiet "$@"
  [ ! -s "$err" ] || fail '--quiet is not quiet'
}

printf 'x,y\n0,1\n0.5,-2.25\n1,4\n' >plain.csv
printf '\357\273\277T/degC;mV\r\n0;1\r\n0,5;-2,25\r\n1;4\r\n' >sheet.csv
printf '# made by hand, with a "\n 0 1\n .5E0\t-.225D+01\n\n 1. 4. # no comment\n' | sed 's/ # no.*//' >columns.dat
printf 'Y,X\n1,0\n-2.25,0.5\n4,1\n' >swapped.csv
printf 'n;Volts;note;kelvin\n1;0;a;1\n2;0,5;"b;c";-2,25\n3;1;;4\n' >many.csv
same_training plain.csv '3 rows, x = "x" (0 .. 1), y = "y" (-2.25 .. 4)'
same_training sheet.csv "3 rows, x = \"T/degC\" (0 .. 1), y = \"mV\" (-2.25 .. 4); separator ';', decimal comma"
same_training columns.dat '3 rows, x = column 1 (0 .. 1), y = column 2 (-2.25 .. 4); separator blank; no header'
same_training swapped.csv '3 rows, x = "X" (0 .. 1), y = "Y" (-2.25 .. 4)'
line="3 rows, x = \"Volts\" (0 .. 1), y = \"kelvin\" (-2.25 .. 4); separator ';', decimal comma"
same_training many.csv "$line" --x-column volts --y-column 4
same_training many.csv "$line" --x-column 2 --y-column KELVIN
command='clfit train --data - <sheet.csv'
cat sheet.csv | "$clfit" train --data - $small >"$out" 2>"$err" || fail 'standard input'
same "$(value digest "$out")" "$digest"
grep -q '^clfit: standard input: 3 rows, x = "T/degC"' "$err" || fail 'standard input is not described'

refuse 2 'many.csv, line 1: 4 columns: n, Volts, note, kelvin; choose two with --x-column and --y-column' train --data many.csv
refuse 2 "many.csv, line 1: no column 'watts'; there are 4: n, Volts, note, kelvin" train --data many.csv --x-column watts
refuse 2 "columns.dat, line 2: no column 'x'; the file names none of its 2" train --data columns.dat --x-column x
printf '1 2 3\n4 5 6\n' >three.dat
refuse 2 'three.dat, line 1: 3 columns; choose two' train --data three.dat
for cell in '' oops nan inf 1e999 1e39 '1,5' 0x10; do
  printf '# head\nT,mV\n1,2\n3,"%s"\n' "$cell" >bad.csv
  refuse 2 "bad.csv, line 4: column 'mV'" train --data bad.csv
  printf '1 2\n\n3 "%s"\n4 5\n' "$cell" >bad.csv
  [ "$cell" = 1,5 ] || refuse 2 'bad.csv, line 3: column 2' train --data bad.csv
done

# ---- weights ----

printf 'w,x,y\n1,0,1\n0.5,0.5,-2.25\n0,1,4\n' >weights.csv
printf 'w,x,y\n1,0,1\n-0.5,0.5,-2.25\n0,1,4\n' >negative.csv
stored=
for verb in train sweep; do
  refuse 2 'samples have weights, which count in least squares only, not with the optimizer sgd' \
    $verb --data weights.csv --weight-column w --quiet $stored
  refuse 2 "negative.csv, line 3: column 'w': the weight -0.5 is negative" $verb --data negative.csv --weight-column w
  refuse 2 "no column 'v'" $verb --data weights.csv --weight-column v
  refuse 2 'weight-column needs --data' $verb --weight-column w
  stored='--db weights.sqlite'
done

# ---- going on ----

run 0 train --data sheet.csv --hidden 3 --epochs 40 --rate 0.01 --json --device reference --quiet
whole=$(value digest "$out")
cp sheet.csv moved.csv
run 0 train --data moved.csv $small --quiet --out half
# The model knows its columns: another column in the file changes nothing.
sed 's/;/;7;/; 1s/;7;/;n;/' sheet.csv >moved.csv
run 0 train --resume half --epochs 40 --json --device reference
same "$(value digest "$out")" "$whole"
grep -q '^clfit: moved.csv: 3 rows, x = "T/degC"' "$err" || fail 'the file is not described'
# The file lies elsewhere, or is another with the same numbers.
rm moved.csv
refuse 2 'half: cannot read moved.csv: No such file.*; --data names the file' train --resume half --epochs 40
run 0 train --resume half --data sheet.csv --epochs 40 --json --device reference
same "$(value digest "$out")" "$whole"
run 0 train --resume half --data plain.csv --x-column 1 --y-column 2 --epochs 40 --json --device reference
same "$(value digest "$out")" "$whole"
refuse 2 "no column 'T/degC'; there are 2: x, y" train --resume half --data plain.csv --epochs 40
sed -i '$s/4/5/' plain.csv
refuse 2 'samples in plain.csv are no longer those' train --resume half --data plain.csv --x-column 1 --y-column 2
run 0 train $small --out formula
refuse 2 'does not go with --resume' train --resume formula --data plain.csv

# A stranger's model may name any file: it is not quoted, and nothing but a regular file is opened.
echo 'root:secret words:0' >moved.csv
refuse 2 'half: moved.csv, line [0-9]*: not the samples that were trained on; --data names the file' train --resume half
! grep -q secret "$err" || fail 'the file is quoted'
run 2 train --resume half --data moved.csv
grep -q "no column 'T/degC'" "$err" || fail 'a file of the command line is not explained'
rm moved.csv
mkfifo moved.csv
refuse 2 'half: moved.csv is not a regular file' train --resume half
rm moved.csv
ln -s /dev/zero moved.csv
refuse 2 'half: moved.csv is not a regular file' train --resume half
rm moved.csv
command='clfit train --data - --out piped'
"$clfit" train --data - $small --quiet --out piped <sheet.csv >"$out" 2>"$err" || fail 'standard input'
refuse 2 'piped: cannot read standard input again; --data names' train --resume piped --epochs 40
command='clfit train --resume piped --data -'
"$clfit" train --resume piped --data - --epochs 40 --json --device reference <sheet.csv >"$out" 2>"$err" || fail 'standard input again'
same "$(value digest "$out")" "$whole"

# A study is no different.
cp sheet.csv swept.csv
run 0 sweep --data swept.csv --hidden 2,3 --epochs 20 --rate 0.01 --keep-samples 0 --db study.sqlite --quiet
sed 's/;/;7;/; 1s/;7;/;n;/' sheet.csv >swept.csv
run 0 sweep --resume study.sqlite
run 0 results study.sqlite --model 1 --out model
run 0 train --data sheet.csv --hidden 3 --epochs 20 --rate 0.01 --quiet --out trained --json
run 0 train --resume model --data sheet.csv --epochs 40 --json --quiet
same "$(value digest "$out")" "$whole"
echo 'root:secret words:0' >swept.csv
for words in 'sweep --resume study.sqlite' 'results study.sqlite --model 1 --out model'; do
  refuse 2 'swept.csv, line [0-9]*: not the samples' $words
  ! grep -q secret "$err" || fail 'the file is quoted'
done

# ---- predict says what it guessed, and only that ----

sed -i '$s/5/4/' plain.csv
run 0 predict trained --data plain.csv
[ ! -s "$err" ] || fail 'nothing was guessed'
run 0 predict trained --data sheet.csv
grep -q '^clfit: sheet.csv: 3 rows, x = "T/degC"' "$err" || fail 'a guess is not told'
run 0 predict trained --data sheet.csv --x-column 1 --y-column 2 --quiet
[ ! -s "$err" ] || fail '--quiet is not quiet'
