#!/usr/bin/env bash
# Files that the program writes: beside and renamed, through links, and what signals leave of them.
# files.sh PROGRAM
. "$(dirname "$0")/expect.sh"

run 0 train --hidden 3 --samples 20 --epochs 2 --device reference --quiet --out model

# A link to a file that is not there yet stays a link, whoever writes.
ln -s answers link
run 0 predict model --grid 0:1:3 --out link
[ -L link ] && [ -f answers ] || fail 'predict --out does not follow a dangling link'
ln -s losses link-history
ln -s weights link-model
run 0 train --hidden 3 --samples 20 --epochs 2 --device reference --quiet --out link-model --history link-history
[ -L link-history ] && [ -f losses ] || fail 'train --history does not follow a dangling link'
[ -L link-model ] && cmp -s model weights || fail 'train --out does not follow a dangling link'
refuse 2 'would overwrite' predict link-model --grid 0:1:3 --out weights
rm answers link losses link-history weights link-model

# What a killed process with the same id left does not matter.
command='clfit predict, with the leftover of a process of the same id'
bash -c 'touch ".clfit-$$.new"; exec "$0" predict model --grid 0:1:3 --out answers' "$clfit" >"$out" 2>"$err" ||
  fail 'a leftover is in the way'
rm answers .clfit-*

# ended CODE WHAT [WAITS]: how the program that runs in the background ends, within WAITS times 20 ms (default: five
# seconds), and that it leaves nothing.
ended()
{
  local code=0
  for (( i = 0; i < ${3:-250}; i++ )); do
    kill -0 $pid 2>/dev/null || break
    sleep 0.02
  done
  kill -KILL $pid 2>/dev/null || true
  wait $pid || code=$?
  [ "$code" = "$1" ] || fail "exit code $code, expected $1: $2"
  [ -z "$(find . -name '.clfit-*')" ] || fail "left behind: $(find . -name '.clfit-*'): $2"
}

# signalled SIGNAL CODE WHAT: the same after a signal.
signalled()
{
  kill -"$1" $pid
  ended "$2" "$3 at SIG$1"
}

# Waits until the program has begun to write.
await_temporary()
{
  for (( i = 0; i < 1500; i++ )); do
    [ -z "$(find . -name '.clfit-*')" ] || return 0
    sleep 0.02
  done
  fail 'nothing is being written'
}

# A file of several seconds goes at once, and leaves what was there.
echo old >answers
for signal in INT TERM HUP; do
  command="clfit predict, ended by SIG$signal"
  "$clfit" predict model --grid 0:1:5e6 --out answers >"$out" 2>"$err" </dev/null &
  pid=$!
  await_temporary
  signalled $signal 130 'predict'
  same "$(cat answers)" old
done

# A FIFO that nobody reads.
mkfifo pipe
command='clfit predict into a FIFO'
"$clfit" predict model --grid 0:1:3 --out pipe >"$out" 2>"$err" </dev/null &
pid=$!
sleep 0.3
signalled TERM 130 'predict into a FIFO without a reader'
# What is trained cannot be saved there.
command='clfit train into a FIFO'
"$clfit" train --epochs 1 --samples 1 --device reference --quiet --out pipe >"$out" 2>"$err" </dev/null &
pid=$!
sleep 0.5
signalled TERM 130 'train into a FIFO without a reader'
command='clfit search into a FIFO'
"$clfit" search --target x --samples 20 --max-rmse 0.1 --device reference --quiet --out pipe >"$out" 2>"$err" \
  </dev/null &
pid=$!
sleep 0.5
signalled INT 130 'search into a FIFO without a reader'
rm pipe

# A picture that takes until there is a file "go".
mkdir bin
cat >bin/gnuplot <<'SH'
#!/bin/sh
echo $$ >drawing
echo picture
for i in $(seq 400); do
  [ ! -e go ] || exit 0
  sleep 0.05
done
SH
chmod +x bin/gnuplot
run 0 sweep --hidden 2 --samples 20 --epochs 2 --seed 0,1 --rate 0.1,0.2 --device reference --quiet --db study

# await_drawing: waits until gnuplot is started.
await_drawing()
{
  for (( i = 0; i < 1500; i++ )); do
    [ ! -s drawing ] || return 0
    sleep 0.02
  done
  fail 'gnuplot is not started'
}

# draw [ARGUMENT...]: begins to draw, in the background.
draw()
{
  command="clfit results --plot $*"
  PATH=$PWD/bin:$PATH "$clfit" results study --plot picture.svg "$@" >"$out" 2>"$err" </dev/null &
  pid=$!
  await_drawing
}

for kind in best 'heatmap --rows rate --cols seed'; do
  draw --kind $kind
  [ -n "$(find . -name '.clfit-*')" ] || fail 'no temporary file is there to be removed'
  signalled TERM 130 'results --plot'
  kill "$(cat drawing)"
  rm drawing
  [ ! -e picture.svg ] || fail 'half a picture'
done

# The model of a training is saved; its picture has a second, also where the signal came during the training.
for epochs in 2 1e9; do
  command="clfit train --plot, $epochs epochs"
  PATH=$PWD/bin:$PATH "$clfit" train --epochs $epochs --samples 20 --device reference --quiet --out drawn \
    --history losses --plot picture.png >"$out" 2>"$err" </dev/null &
  pid=$!
  if [ $epochs = 2 ]; then
    await_drawing
  else
    await_temporary # of the history; the training begins then
    sleep 0.3
  fi
  signalled TERM 130 'train --plot'
  [ -s drawn ] || fail 'the model is not saved'
  grep -q '^digest' "$out" || fail 'the results are not printed'
  [ ! -e picture.png ] || fail 'half a picture'
  await_drawing
  kill "$(cat drawing)"
  rm drawing drawn losses
done

# Without a model the picture is what is left of a training that was interrupted: it is waited for.
command='clfit train --plot, without a model'
PATH=$PWD/bin:$PATH "$clfit" train --epochs 1e9 --samples 20 --device reference --quiet --history losses \
  --plot picture.png >"$out" 2>"$err" </dev/null &
pid=$!
await_temporary
sleep 0.3
kill -INT $pid
await_drawing
sleep 1
touch go
ended 130 'train --plot without a model'
same "$(cat picture.png)" picture
rm go drawing losses picture.png

# What a sweep has stored is printed, and its page has a second.
command='clfit sweep --report'
PATH=$PWD/bin:$PATH "$clfit" sweep --hidden 2,3 --rate 0.1,0.2 --samples 20 --epochs 20 --device reference --quiet \
  --db paged --report page.html --json >"$out" 2>"$err" </dev/null &
pid=$!
await_drawing
signalled TERM 130 'sweep --report'
tail -c 3 "$out" | grep -q '}' || fail 'the results are not printed'
[ ! -e page.html ] || fail 'half a page'
[ ! -s paged-wal ] || fail 'the study is not whole without its log'
kill "$(cat drawing)"
rm drawing paged*

# A terminal that is closed is a reason to save; nohup's program goes on.
command='clfit train, whose terminal is closed'
"$clfit" train --epochs 1e9 --device reference --quiet --out saved >"$out" 2>"$err" </dev/null &
pid=$!
sleep 0.5
signalled HUP 130 'train'
[ -s saved ] || fail 'SIGHUP does not save'
trap '' HUP
draw --kind best
kill -HUP $pid
touch go
ended 0 'results --plot with SIGHUP ignored'
same "$(cat picture.svg)" picture

# ---- a study, or a search's file, that goes away while it is written ----

long='--hidden 2,3 --samples 50 --epochs 3000 --seed 0..1999 --keep none --device reference'
for way in 'rm gone.sqlite' 'mv gone.sqlite moved.sqlite' 'cp gone.sqlite copy; mv copy gone.sqlite'; do
  command="clfit sweep, and $way"
  "$clfit" sweep $long --db gone.sqlite --quiet >"$out" 2>"$err" </dev/null &
  pid=$!
  for (( i = 0; i < 500; i++ )); do
    [ ! -s gone.sqlite-wal ] || break
    sleep 0.02
  done
  sleep 0.5
  eval "$way"
  ended 2 'a sweep whose study is gone' 1500
  grep -q 'gone.sqlite was removed, renamed or replaced' "$err" || fail 'not told'
  rm -f gone.sqlite* moved.sqlite* copy*
done
