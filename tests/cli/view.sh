#!/bin/sh
# What a learner looks at: how the fit grows (--frames, a --plot that moves), what neurons do (--explain).
set -eu
. "$(dirname "$0")/expect.sh"

curve='--hidden 5 --activation tanh --samples 60 --rate 0.05 --target x^3 --domain=-1:1 --device reference --quiet'

# ---- a moving picture, which needs no other program ----

frames_of()
{
  grep -c "<g class='frame'" "$1"
}
# The line of the frame that shows an epoch.
line_of()
{
  grep -o "<path class='line'[^>]*d='[^']*'/><text class='now'[^>]*>epoch $2[,<]" "$1" | sed "s/.* d='\([^']*\)'.*/\1/"
}

mkdir nothing
PATH_BEFORE=$PATH
run 0 train $curve --epochs 20 --json --history history.csv
digest=$(value digest "$out")
command='train without other programs'
PATH=$PWD/nothing "$clfit" train $curve --epochs 20 --json --plot fit.svg --history history.csv >"$out" 2>"$err" ||
  fail 'an animation needs a program'
PATH=$PATH_BEFORE
same "$(value digest "$out")" "$digest" 'frames change the training'
same "$(grep -o "<text class='now'[^<]*" fit.svg | sed 's/.*epoch \([0-9]*\).*/\1/' | tr '\n' ' ')" '0 1 2 3 4 6 8 12 16 20 '
for epoch in 1 6 20; do
  loss=$(awk -F , -v epoch=$epoch '$1 == epoch { printf "%.3g", $2 }' history.csv)
  grep -q ">epoch $epoch, train loss $loss</text>" fit.svg || fail "not the loss of epoch $epoch"
done
grep -q '>epoch 0</text>' fit.svg || fail 'a loss before the first epoch'
same "$(grep -c "class='points' clip-path" fit.svg)" 1 'points are drawn once'
for text in 'prefers-color-scheme:dark' 'prefers-reduced-motion:reduce' 'animation-iteration-count:infinite' \
  '#f9{visibility:visible}' '@keyframes k9' '>x^3: hidden 5, tanh, 60 samples, 20 epochs, rate 0.05<' '>train loss<'; do
  grep -q "$text" fit.svg || fail "no $text"
done
if command -v python3 >/dev/null; then
  python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' fit.svg || fail 'no XML'
fi

# A frame shows what a training of so many epochs gives, whatever the launches. The samples' range holds all answers, so
# that pictures of both have the same scale.
run 0 train $curve --epochs 6 --plot six.svg
same "$(line_of fit.svg 6)" "$(line_of six.svg 6)" 'another line in a longer training'
[ -n "$(line_of six.svg 6)" ] || fail 'no line'
run 0 train $curve --epochs 20 --launch-steps 7 --plot cut.svg
same "$(line_of fit.svg 16)" "$(line_of cut.svg 16)" 'launches change a frame'
run 0 train $curve --epochs 5 --out model
run 0 train --resume model --epochs 20 --device reference --quiet --plot rest.svg
same "$(line_of fit.svg 16)" "$(line_of rest.svg 16)" 'resuming changes a frame'
same "$(frames_of rest.svg)" 6 'epochs 5, 6, 8, 12, 16, 20'

# Least squares, names that XML would take for its own, no epoch to show.
printf 'a<b,"c&d"\n0,1\n1,3\n2,4\n3,9\n' >odd.csv
run 0 train --data odd.csv --hidden 2 --optimizer lm --epochs 30 --device reference --quiet --plot odd.svg
grep -q '>a&lt;b</text>' odd.svg && grep -q '>c&amp;d</text>' odd.svg || fail 'labels are not escaped'
run 0 train --resume model --device reference --quiet --plot same.svg
same "$(frames_of same.svg)" 1 'nothing was trained'
! grep -q keyframes same.svg || fail 'one frame moves'
run 1 train --hidden 5 --samples 60 --epochs 20 --rate 1e9 --device reference --quiet --plot never.svg --frames never
[ ! -e never.svg ] && [ ! -e never ] || fail 'pictures of a diverged training'

# ---- numbered pictures, GIF, MP4 ----

if command -v gnuplot >/dev/null; then
  run 0 train $curve --epochs 4 --frames frames
  same "$(ls frames | tr '\n' ' ')" 'frame-00.png frame-01.png frame-02.png frame-03.png frame-04.png '
  for file in frames/*; do [ "$(head -c 4 "$file" | od -An -c | tr -d ' ')" = '211PNG' ] || fail "$file is no PNG"; done
  run 0 train --hidden 2 --samples 9 --epochs 2 --device reference --frames frames/
  grep -q 'frame-03.png and those after it are of an earlier training: this one has 3 frames' "$err" ||
    fail 'older pictures are not told'
  grep -q '^files     frames/$' "$out" || fail 'the folder is not named'
  if echo 'set terminal gif animate' | gnuplot 2>/dev/null; then
    run 0 train $curve --epochs 4 --plot fit.gif
    same "$(head -c 3 fit.gif)" GIF
  fi
fi
: >file
refuse 2 '--frames: file is no folder' train --frames file
refuse 2 '--frames: cannot write no/such' train --frames no/such
mkdir bin
printf '#!/bin/sh\ncat >/dev/null\necho "line 1: unknown or ambiguous terminal name" >&2\nexit 1\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH=$PWD/bin:$PATH_BEFORE refuse 2 '--plot: .*this gnuplot has no terminal gif; .svg needs none' train --plot a.gif
command='train --plot a.mp4 without ffmpeg'
code=0
PATH=$PWD/bin "$clfit" train --plot a.mp4 >"$out" 2>"$err" || code=$?
same "$code $(grep -c -e '--plot: .*ffmpeg is not installed.*.svg needs no other program' "$err")" '2 1'
command='train --plot a.gif without gnuplot'
code=0
PATH=$PWD/nothing "$clfit" train --plot a.gif >"$out" 2>"$err" || code=$?
same "$code $(grep -c 'gnuplot is not installed' "$err")" '2 1'
if command -v ffmpeg >/dev/null && command -v gnuplot >/dev/null; then
  run 0 train $curve --epochs 4 --plot fit.mp4
  same "$(head -c 8 fit.mp4 | tail -c 4)" ftyp
fi

# ---- what the neurons do ----

# Three neurons of ReLU whose kinks are known: y = relu(x - 0.25) - 2 relu(x - 0.5) + relu(x + 1), x from 0 to 1.
if command -v python3 >/dev/null; then
  python3 - <<'PYTHON'
import json, struct
planes = dict(W1=[1, 1, 1], B1=[-0.25, -0.5, 1], W2=[1, -2, 1], B2=[0.5])
header, data = {'__metadata__': dict(hidden='3', activation='relu', target='x', domain='0:1')}, b''
for name, values in planes.items():
    shape = {'W1': [3, 1], 'B1': [3, 1], 'W2': [1, 3], 'B2': [1, 1]}[name]
    header[name] = dict(dtype='F32', shape=shape, data_offsets=[len(data), len(data) + 4 * len(values)])
    data += struct.pack('<%df' % len(values), *values)
text = json.dumps(header).encode()
open('relu.model', 'wb').write(struct.pack('<Q', len(text)) + text + data)
PYTHON
  run 0 predict relu.model --explain -
  cat >expected <<'TABLE'
neuron      bends at  inside         slope          adds
     2            -1      no             1             1
     0          0.25     yes             1          0.75
     1           0.5     yes            -2             1
constant  0.5
2 of 3 relu neurons bend inside the samples' range of x, 0 to 1
TABLE
  same "$(cat "$out")" "$(cat expected)"
fi

# Scaled samples: the same curve in other units has the same neurons in those units.
awk 'BEGIN { print "x,y"; for (i = 0; i <= 20; i++) print i / 20 "," (i / 20) ^ 2 }' >small.csv
awk 'BEGIN { print "volt,degree"; for (i = 0; i <= 20; i++) print 1024 * i / 20 + 2048 "," 512 * (i / 20) ^ 2 + 64 }' >large.csv
for name in small large; do
  run 0 train --data $name.csv --hidden 3 --optimizer lm --activation tanh --init spread --epochs 20 --device reference \
    --quiet --explain $name.txt
done
grep -q '^[0-3] of 3 tanh neurons bends* inside the samples. range of volt, 2048 to 3072$' large.txt || fail 'no range'
paste small.txt large.txt | awk 'function near(a, b) { return (a - b) ^ 2 <= 1e-6 * (a ^ 2 + b ^ 2) }
  NR > 1 && NR < 5 && !($1 == $6 && near($2 * 1024 + 2048, $7) && $3 == $8 && near($4 / 2, $9) && near($5 * 512, $10)) {
    bad = 1 } END { exit bad }' || fail "$(paste small.txt large.txt)"

run 0 train $curve --epochs 5 --json --explain five.txt
run 0 predict model --explain -
same "$(cat "$out")" "$(cat five.txt)" 'train and predict explain the same'
if command -v gnuplot >/dev/null; then
  run 0 train --hidden 12 --samples 60 --epochs 5 --device reference --quiet --explain neurons.svg --plot fit.svg --out twelve
  for text in 'neuron [0-9]*' '4 others' 'each neuron adds to y' 'true curve' network; do
    grep -q ">$text<" neurons.svg || fail "no $text in the picture"
  done
  same "$(grep -c '>neuron [0-9]*<' neurons.svg)" 8 'the largest have names'
  run 0 predict twelve --explain neurons.png --grid 0:1:2
  [ "$(head -c 4 neurons.png | od -An -c | tr -d ' ')" = '211PNG' ] || fail 'no PNG'
  same "$(wc -l <"$out")" 3 'no answers beside the picture'
fi
refuse 2 "--explain: cannot explain in a.csv: a picture's name ends in .svg or .png, a table's in .txt" train --explain a.csv
refuse 2 '--explain - does not go with --json' train --explain - --json
refuse 2 '--explain and --plot are the same\|--plot and --explain are the same' train --explain a.svg --plot a.svg
refuse 2 '--explain - needs --out FILE' predict model --explain - --grid 0:1:2
refuse 2 'exactly one of --grid, --x and --data' predict model --explain a.txt --plot b.txt
refuse 2 '--explain would overwrite model' predict model --explain model
refuse 2 '--explain does not go with --study' predict --study study --explain a.txt

# ---- words of pictures ----

if command -v gnuplot >/dev/null; then
  title() # in $title, as the failure of a subshell would not end this one
  {
    run 0 train --hidden 4 --samples 20 --epochs 2 --device reference --quiet --plot title.svg "$@"
    title=$(grep -o "<text class='title'[^<]*" title.svg | sed 's/.*>//' | tr '\n' '|')
    [ -n "$title" ] || fail 'no title'
  }
  title --rate 0.0123456 --seed 3
  same "$title" 'cell:4 sample:20 iteration:2 rate:0.01235|' "the chapter's training"
  title --activation tanh
  same "$title" \
    '0.4*x^2 + 0.3*x*sin(15*x) + 0.01*cos(50*...: hidden 4, tanh, 20 samples,|2 epochs, rate 0.1|' 'another activation'
  title --domain 0:2
  case $title in cell*) fail "another domain has the chapter's title" ;; esac
  title --tol 1e-9
  case $title in cell*) fail "a tolerance has the chapter's title" ;; esac

  run 0 sweep --data large.csv --hidden 2,3 --rate 0.0123456,0.1 --epochs 20 --device reference --db large.study --quiet
  run 0 results large.study --plot loss.svg --kind loss
  grep -q '>[0-3]: hidden [23], rate 0.01235<' loss.svg || fail 'the key of losses does not say what differs'
  run 0 results large.study --plot fits.svg --kind fits
  for text in '[0-3]: hidden [23], rate 0.01235' 'sigmoid, 21 samples, 20 epochs' volt degree; do
    grep -q ">$text<" fits.svg || fail "the fits have no $text"
  done
  run 0 results large.study --report large.html
  same "$(grep -c '<figure class="map">' large.html) $(grep -c '<figure class="lines">' large.html)" '1 2'
  grep -q 'figure.lines svg { filter' large.html || fail 'lines are not inverted in dark mode'
  ! grep -q 'figure svg { filter' large.html || fail 'dark mode inverts the map'
  # Pictures are 800 wide, and at least 40rem, 640 pixels, on a phone: 9 pixels are 11.25 of their units.
  grep -q 'min-width: 40rem' large.html || fail 'pictures shrink'
  grep -o 'font-size="[0-9.]*"' large.html | tr -dc '0-9.\n' | awk '$1 < 11.25 { exit 1 }' || fail 'texts that a phone cannot show'
  grep -q 'font-size="12' large.html || fail 'no small texts, or none was looked at'
  run 0 search --data large.csv --max-rmse 1 --plot search.svg --quiet
  for text in volt degree 'network - degree' hidden; do
    grep -q ">$text<" search.svg || fail "the picture of a search has no $text"
  done
fi
