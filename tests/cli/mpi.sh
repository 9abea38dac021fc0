#!/bin/sh
# clfit sweep under mpirun, four ranks on this machine: the same study as one process makes, also after a rank has died.
# mpi.sh PROGRAM [PRELOAD]; the latter is other_host.c.
set -eu
command -v python3 >/dev/null || { echo 'python3 is needed' >&2; exit 1; }
. "$(dirname "$0")/expect.sh"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# share CODE ARGUMENT...: as run does, on four ranks.
share()
{
  expected=$1
  shift
  command="mpirun -n 4 clfit $*"
  code=0
  mpirun --oversubscribe -n 4 "$clfit" "$@" >"$out" 2>"$err" </dev/null || code=$?
  [ "$code" = "$expected" ] || fail "exit code $code, expected $expected"
}

mixed='--samples 70,129 --sample-seed 0,3 --hidden 1,5,33 --activation sigmoid,relu --seed 2,9 --epochs 7,25
  --rate 0.05,0.3,1e4 --tol 0,0.0001 --keep best:30'
run 0 sweep $mixed --db one.sqlite --quiet
share 0 sweep $mixed --db four.sqlite
same "$(ask sum four.sqlite)" "$(ask sum one.sqlite)" 'four ranks'
same "$(grep -c '^axis ' "$err")" 8 'rank 0 alone prints'
same "$(grep -c '^study ' "$out")" 1 'rank 0 alone prints'
share 0 sweep $mixed --db two.sqlite --device cpu,reference --quiet
same "$(ask sum two.sqlite)" "$(ask sum one.sqlite)" 'two devices in turn'
share 0 sweep --resume two.sqlite
share 0 sweep $mixed --halving 2 --min-epochs 3 --db halved4.sqlite --quiet
run 0 sweep $mixed --halving 2 --min-epochs 3 --db halved1.sqlite --quiet
same "$(ask sum halved4.sqlite)" "$(ask sum halved1.sqlite)" 'halving ranks globally'

awk 'BEGIN { print "x,y"; for (i = 0; i < 50; i++) print i / 50 "," (i / 50) ^ 2 }' >points.csv
share 0 sweep --data points.csv --hidden 2..5 --epochs 20 --db data4.sqlite --quiet
run 0 sweep --data points.csv --hidden 2..5 --epochs 20 --db data1.sqlite --quiet
same "$(ask sum data4.sqlite)" "$(ask sum data1.sqlite)" 'a file of samples'

# A rank on a machine with another math library.
if [ -n "${2:-}" ]; then
  command='mpirun, a rank of which has another sine'
  code=0
  mpirun --oversubscribe -n 1 "$clfit" sweep --hidden 2 --epochs 3 --db sine.sqlite : \
    -n 1 -x LD_PRELOAD="$2" -x OTHER_HOST=sin "$clfit" sweep --hidden 2 --epochs 3 --db sine.sqlite \
    >"$out" 2>"$err" </dev/null || code=$?
  same $code 2
  grep -q 'the formula has other values on the machine of rank 1' "$err" || fail 'the math library is not compared'
  [ ! -e sine.sqlite ] || fail 'a study is begun'
fi

# Of a file that rank 0 alone has, or of its standard input, with a second file of samples held out and weights.
mkdir -p here there
awk 'BEGIN { print "t,u,w"; for (i = 0; i < 60; i++) print i / 7 "," sin(i / 9) "," 0.1 + i % 3 }' >here/curve.csv
awk 'BEGIN { print "t,u"; for (i = 0; i < 9; i++) print i / 1.1 "," sin(i / 1.4) }' >here/held.csv
of_rank_0='sweep --data curve.csv --x-column t --y-column u --validation held.csv --hidden 2,3 --seed 0..3 --epochs 30 --quiet'
(cd here && "$clfit" $of_rank_0 --db one.sqlite >/dev/null)
command="mpirun -wdir here clfit $of_rank_0"
mpirun --oversubscribe -n 1 -wdir "$PWD/here" "$clfit" $of_rank_0 --db four.sqlite : \
  -n 3 -wdir "$PWD/there" "$clfit" $of_rank_0 --db four.sqlite >"$out" 2>"$err" </dev/null ||
  fail 'a file that only rank 0 has'
same "$(ask sum here/four.sqlite)" "$(ask sum here/one.sqlite)" 'a file that only rank 0 has'
[ -z "$(ls there)" ] || fail 'another rank writes files'
weighted='sweep --data - --weight-column w --optimizer lm --hidden 2,3 --seed 0..3 --epochs 30 --quiet'
"$clfit" $weighted --db in1.sqlite <here/curve.csv >/dev/null
mpirun --oversubscribe -n 4 "$clfit" $weighted --db in4.sqlite <here/curve.csv >"$out" 2>"$err" ||
  fail 'standard input of rank 0'
same "$(ask sum in4.sqlite)" "$(ask sum in1.sqlite)" 'standard input of rank 0'
share 0 sweep --resume in4.sqlite --seed 0..5 --quiet # the samples are the study's now
run 0 sweep --resume in1.sqlite --seed 0..5 --quiet
same "$(ask sum in4.sqlite)" "$(ask sum in1.sqlite)" 'samples that a study keeps'

# A rank that dies takes the job with it; what was reported is in the study, and --resume, alone, finishes it.
long='--hidden 4,8 --seed 0..39 --samples 100 --epochs 3000,100000 --rate 0.1,100 --keep best:9 --quiet'
run 0 sweep $long --db whole.sqlite
kills=0
for seconds in 1.5 1.3 1.1 0.9 0.7 0.5; do
  mpirun --oversubscribe -n 4 "$clfit" sweep $long --resume cut.sqlite >"$out" 2>"$err" </dev/null &
  job=$!
  sleep $seconds
  ranks=$(pgrep -P $job -f 'sweep .*cut.sqlite' | sort -n)
  if [ "$(echo "$ranks" | wc -l)" != 4 ]; then # it is done, or has not begun
    wait $job || fail 'a job that nobody killed'
    [ $kills = 0 ] || break
    rm -f cut.sqlite*
    continue
  fi
  kills=$((kills + 1))
  kill -KILL "$(echo "$ranks" | sed -n "${kills}p")"
  wait $job && fail 'a job ended well although a rank died' || :
  [ $kills -lt 3 ] || break
done
[ $kills -gt 0 ] || fail 'the sweep was too short to be killed'
share 0 sweep $long --resume cut.sqlite # which is not there if all three died before it was made
same "$(ask sum cut.sqlite)" "$(ask sum whole.sqlite)" 'after ranks died'

# One line, not four.
for bad in '--hidden 0' '--data -' '--data none.csv' '--db one.sqlite' '--device 7:7'; do
  share 2 sweep $bad
  same "$(grep -c '^clfit: ' "$err")" 1 "$bad"
  [ ! -s "$out" ] || fail 'something on stdout'
done
