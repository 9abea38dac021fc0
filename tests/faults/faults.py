#!/usr/bin/env python3
"""Runs small trainings, predictions, sweeps and searches once for every call that may fail, and lets it fail.

  faults.py PROGRAM OPENCL_LAYER CALLS_PRELOAD [COMMAND...]

A run without faults counts the calls (opencl_layer.c, calls_preload.c). Then each call of each function fails once, and
the run must end with the right result, or with one line on stderr and the documented exit code; nothing that was there
is lost or left half written, nothing is left beside it, and a sweep or search goes on from what it kept to the same end.

CLFIT_FAULTS=all in the environment: every call; else the first three and the last of each function, and, of a training,
every allocation of memory.
CLFIT_FAULTS_PART=I/N: only every N-th fault, from the I-th; CLFIT_FAULTS_JOBS: runs at a time (default: 2).
"""
import collections, concurrent.futures, glob, hashlib, os, re, shutil, sqlite3, subprocess, sys, tempfile

TIMEOUT = 300  # seconds; a program that does not build is built in another form, which may not be in the kernel cache
USAGE, OPENCL, KILLED = 2, 3, -9
ALL = os.environ.get('CLFIT_FAULTS') == 'all'

program, layer, preload = (os.path.realpath(path) for path in sys.argv[1:4])


# ---- commands ------------------------------------------------------------------------------------------------------

class Command:
    """What is run, the files that are there before, and those that it makes."""

    def __init__(self, name, arguments, made, before=(), again=None):
        self.name, self.arguments, self.made, self.before = name, arguments.split(), made, before
        self.again = again.split() if again else None  # goes on after a failure


NETWORK = '--hidden 5 --samples 70 --epochs 3 --quiet'
GRID = '--hidden 3,5 --seed 0..3 --samples 70 --epochs 3 --keep all --quiet'
HALVING = '--hidden 3,5 --seed 0..3 --samples 70 --epochs 8 --halving 2 --min-epochs 2 --keep best:3 --quiet'
SEARCH = '--target x^2 --samples 30 --max-rmse 0.1 --max-hidden 3 --budget 60 --quiet'
GOES_ON = 'train --resume model --epochs 9 --out model --history history.csv --quiet'
COMMANDS = [
    Command('train', f'train {NETWORK} --json --out model --history history.csv', ['model', 'history.csv'],
            before=['model', 'history.csv']),
    Command('resume', GOES_ON, ['model', 'history.csv'], before=['model', 'history.csv'], again=GOES_ON),
    Command('predict', 'predict model --grid 0:1:50 --out points.csv', ['points.csv'], before=['model', 'points.csv']),
    Command('sweep', f'sweep {GRID} --resume study.sqlite', ['study.sqlite'],
            again=f'sweep {GRID} --resume study.sqlite'),
    Command('sweep-on', f'sweep {GRID} --resume study.sqlite', ['study.sqlite'], before=['study.sqlite'],
            again=f'sweep {GRID} --resume study.sqlite'),
    Command('halving', f'sweep {HALVING} --resume study.sqlite', ['study.sqlite'],
            again=f'sweep {HALVING} --resume study.sqlite'),
    Command('search', f'search {SEARCH} --out found --resume rounds.sqlite', ['found', 'rounds.sqlite'],
            before=['found'], again=f'search {SEARCH} --out found --resume rounds.sqlite'),
    Command('verify', 'verify --quick --mapping wide --quiet', []),
    Command('results', 'results study.sqlite --csv rows.csv', ['rows.csv'], before=['study.sqlite', 'rows.csv']),
    Command('export', 'export model --format npz --out arrays.npz', ['arrays.npz'], before=['model', 'arrays.npz']),
]
PRINTS_TIMES = {'sweep', 'sweep-on', 'halving', 'search'}
ONLY_WITH_ALL = {'halving'}
WITHOUT_OPENCL = {'results', 'export'}
WITHOUT_DEVICE = {'verify'}  # no --device reference

# Ways of failing: function, what is wrong with it, exit codes besides 0.
CALLS = [('memory', 'N'), ('memory', 'N+'), ('stream', 'N'), ('thread', 'N'), ('open', 'N:24'), ('write', 'N:28'),
         ('write', 'N+:28'), ('write', 'N:5'), ('write', 'N:4'), ('write', 'N:short'), ('read', 'N:5'),
         ('fsync', 'N:5'), ('fsync', 'N:28'), ('rename', 'N:5'), ('rename', 'N:28'), ('truncate', 'N:28'),
         ('unlink', 'N:5'), ('close', 'N:5'), ('lock', 'N:37'), ('map', 'N:12'), ('write', 'N:kill'),
         ('fsync', 'N:kill'), ('rename', 'N:kill'), ('truncate', 'N:kill'), ('unlink', 'N:kill')]


# ---- files ---------------------------------------------------------------------------------------------------------

def is_study(name):
    return name.endswith('.sqlite')


def rows_of(path):
    """The rows of all tables, without times."""
    study = sqlite3.connect(f'file:{path}?mode=rw', uri=True)  # mode=ro leaves side files behind
    try:
        if study.execute('PRAGMA integrity_check').fetchone()[0] != 'ok':
            raise ValueError('integrity_check')
        rows = set()
        for table, in study.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in study.execute(f'PRAGMA table_info({table})') if row[1] != 'seconds']
            rows |= {(table, repr(tuple(row))) for row in study.execute(f'SELECT {", ".join(columns)} FROM {table}')}
        return rows
    finally:
        study.close()


def content_of(path):
    if not os.path.exists(path) or (is_study(path) and os.path.getsize(path) == 0):
        return None
    if is_study(path):
        return rows_of(path)
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


# ---- runs ----------------------------------------------------------------------------------------------------------

Run = collections.namedtuple('Run', 'code out err')


def call(arguments, folder, fault=None, log=None):
    environment = dict(os.environ)
    kind = fault[0] if fault else None
    if kind == 'opencl':
        environment['OPENCL_LAYERS'] = layer
    if kind == 'calls':
        environment['LD_PRELOAD'] = preload
        environment['ASAN_OPTIONS'] = environment.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
    if fault and fault[1]:
        environment['CLFIT_FAULT'] = fault[1]
    if log:
        environment['CLFIT_FAULT_LOG'] = log
    try:
        done = subprocess.run([program, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT)
    except subprocess.TimeoutExpired as ended:
        return Run('a hang', ended.stdout or b'', ended.stderr or b'')
    return Run(done.returncode, done.stdout, done.stderr)


def counts_in(log):
    """Calls and failed calls of each function."""
    counts = {}
    if os.path.exists(log):
        with open(log) as lines:
            for name, calls, failed in (line.split() for line in lines):
                counts[name] = (int(calls), int(failed))
    return counts


class Bench:
    """A command on a device: its files before, its right result, and its calls."""

    def __init__(self, command, kind, device, place):
        self.command, self.kind, self.place = command, kind, place
        self.arguments = command.arguments + (['--device', device] if device else [])
        self.again = command.again and command.again + (['--device', device] if device else [])
        self.before = os.path.join(place, f'{command.name}-{kind}')
        os.mkdir(self.before)
        make_before(command, self.before)
        self.old = {name: content_of(os.path.join(self.before, name)) for name in command.before}
        folder = self.folder()
        log = folder + '.log'
        self.right = call(self.arguments, folder, (kind, None), log)
        if self.right.code != 0:
            raise SystemExit(f'{command.name} fails without a fault: {self.right}')
        self.counts = counts_in(log)
        if not self.counts:
            raise SystemExit(f'no call of {command.name} is counted: {log}')
        self.listing = sorted(os.listdir(folder))
        self.new = {name: content_of(os.path.join(folder, name)) for name in command.made}
        self.discard(folder)

    def folder(self):
        folder = tempfile.mkdtemp(dir=self.place)
        shutil.copytree(self.before, folder, dirs_exist_ok=True)
        return folder

    @staticmethod
    def discard(folder):
        shutil.rmtree(folder)
        if os.path.exists(folder + '.log'):
            os.remove(folder + '.log')

    def faults(self):
        """NAME:N... of all faults to try."""
        ways = CALLS if self.kind == 'calls' else [(name, 'N') for name in self.counts]
        for name, way in ways:
            last = self.counts.get(name, (0, 0))[0]
            every = ALL or (self.command.name == 'train' and f'{name}:{way}' == 'memory:N')
            tried = range(1, last + 1) if every else sorted({1, 2, 3, last} & set(range(1, last + 1)))
            if self.command.name == 'verify' and not ALL:
                tried = [n for n in tried if n <= 2]  # seconds each
            for n in tried:
                yield f'{name}:{way.replace("N", str(n))}'


def make_before(command, folder):
    """Files as an earlier, other run would have left them."""
    if 'model' in command.before:
        call('train --hidden 4 --samples 60 --epochs 4 --quiet --device reference --out model --history history.csv'
             .split(), folder)
    if 'history.csv' not in command.before and os.path.exists(os.path.join(folder, 'history.csv')):
        os.remove(os.path.join(folder, 'history.csv'))
    if 'found' in command.before:
        call('train --hidden 4 --samples 60 --epochs 4 --quiet --device reference --out found'.split(), folder)
    if 'study.sqlite' in command.before:
        call(f'sweep {GRID} --db study.sqlite --device reference'.split(), folder)
        with sqlite3.connect(os.path.join(folder, 'study.sqlite')) as study:
            study.execute('DELETE FROM networks WHERE id >= 4')
            study.execute('DELETE FROM parameters WHERE id >= 4')
        study.close()
    for name in command.before:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            with open(path, 'w') as file:
                file.write('an older file\n')


# ---- verdicts ------------------------------------------------------------------------------------------------------

SANITIZER = re.compile(rb'Sanitizer|runtime error:')


def printed(run):
    """Standard output without times, and without the device's name, which a failed query leaves out."""
    text = re.sub(rb'"(train_seconds|steps_per_second|device)": [^,]*', b'', run.out)
    return re.sub(rb'(in|device|time) .*', b'', text)


def judge_output(bench, run):
    if run.code == 0 and bench.command.name not in PRINTS_TIMES and printed(run) != printed(bench.right):
        yield f'prints {run.out[:600]!r}'
    if run.code != 0 and run.out and not printed(bench.right).startswith(printed(run)):
        yield f'prints, although it fails: {run.out[:600]!r}'


def judge_message(bench, run):
    lines = [line for line in run.err.split(b'\n') if line]
    if b'does not build' in run.err:
        lines = lines[:1]  # the log and the source follow
    if len(lines) != 1 or not lines[0].startswith(b'clfit: '):
        yield f'not one line of clfit on stderr: {run.err[:400]!r}'
    expected = [OPENCL if bench.kind == 'opencl' else USAGE]
    if b'no device matches' in run.err:  # its type is not known
        expected = [USAGE]
    if run.code not in expected:
        yield f'exit code {run.code}, not {expected}: {run.err[:200]!r}'


def judge_files(bench, folder, failed, fault=''):
    for name in sorted(set(bench.command.before) | set(bench.command.made)):
        path = os.path.join(folder, name)
        old, new = bench.old.get(name), bench.new.get(name, bench.old.get(name))
        try:
            now = content_of(path)
        except (ValueError, sqlite3.Error) as reason:
            yield f'{name} is damaged: {reason}'
            continue
        if not failed and now != new:
            yield f'{name} is not the right result'
        # the history of another training goes before a model is replaced, which is saved even if its own cannot be;
        # a process that is killed in between leaves that history under another name
        gone = name == 'history.csv' and now is None and (
            content_of(os.path.join(folder, 'model')) == bench.new['model'] or
            is_kill(fault) and old in [content_of(other) for other in glob.glob(f'{folder}/.clfit-*-old')])
        if failed and not is_study(name) and not gone and now not in (old, new):
            yield f'{name} is neither the old nor the new file'
        # a halving writes the rows of a rung anew at the next
        if failed and is_study(name) and bench.command.name != 'halving' and not lost_nothing(old, new, now):
            yield f'{name} has lost rows, or has wrong ones'
    left = set(os.listdir(folder)) - set(bench.listing)
    if left and not fault.startswith('unlink') and not is_kill(fault):  # what cannot be removed stays
        yield f'left behind: {sorted(left)}'


def is_kill(fault):
    return fault.endswith(':kill')


def lost_nothing(old, new, now):
    """Whether a study has all rows that it had, and no others than it will have: of tables whose rows stay."""
    def networks(rows):
        return {row for row in rows or () if row[0] in ('networks', 'parameters', 'round')}
    return networks(old) <= networks(now) <= networks(new)


def lacks_history(bench, folder):
    """Trained weights are saved even if their history cannot be written, which is said."""
    old, new = ([content.get(name) for name in ('model', 'history.csv')] for content in (bench.old, bench.new))
    now = [content_of(os.path.join(folder, name)) for name in ('model', 'history.csv')]
    return bench.command.name == 'resume' and now == [new[0], old[1]]


def judge_going_on(bench, folder, fault):
    run = call(bench.again, folder)
    if run.code != 0:
        yield f'does not go on: {run.code} {run.err[:400]!r}'
        return
    for problem in judge_files(bench, folder, False, fault):
        yield 'after going on: ' + problem


def judge(bench, fault):
    folder = bench.folder()
    log = folder + '.log'
    run = call(bench.arguments, folder, (bench.kind, fault), log)
    problems = []
    if SANITIZER.search(run.err):
        problems.append('sanitizer: ' + run.err.decode(errors='replace')[:4000])
    elif is_kill(fault) and run.code == KILLED:
        pass
    elif not isinstance(run.code, int) or run.code < 0:
        problems.append(f'ended by {run.code}: {run.err[:400]!r}')
    elif run.code != 0:
        problems += judge_message(bench, run)
    problems += judge_output(bench, run)
    problems += judge_files(bench, folder, run.code != 0, fault)
    if run.code not in (0, 'a hang') and bench.again and not problems and (
            is_kill(fault) or not lacks_history(bench, folder)):
        problems += judge_going_on(bench, folder, fault)
    fired = run.code == KILLED or any(failed for _, failed in counts_in(log).values())
    bench.discard(folder)
    return problems, fired, run.code


# ---- all of it -----------------------------------------------------------------------------------------------------

def benches(names, place):
    for command in COMMANDS:
        if command.name not in names if names else command.name in ONLY_WITH_ALL and not ALL:
            continue
        if command.name not in WITHOUT_OPENCL:
            yield Bench(command, 'opencl', 'cpu', place)
        if command.name not in WITHOUT_DEVICE:
            yield Bench(command, 'calls', None if command.name in WITHOUT_OPENCL else 'reference', place)


def run_bench(bench, pool):
    part, parts = (int(number) for number in os.environ.get('CLFIT_FAULTS_PART', '1/1').split('/'))
    faults = list(bench.faults())[part - 1::parts]
    total = collections.Counter()
    for fault, (problems, fired, code) in zip(faults, pool.map(lambda fault: judge(bench, fault), faults)):
        total['runs'] += 1
        total['fired'] += fired
        total['right' if code == 0 else 'errors'] += 1
        total['bad'] += bool(problems)
        for problem in problems:
            print(f'FAILED: {fault} in clfit {" ".join(bench.arguments)}\n  {problem}', flush=True)
    print(f'{bench.command.name:9} {bench.kind:7} {total["runs"]:6} faults, {total["fired"]} struck: '
          f'{total["right"]} right results, {total["errors"]} errors, {total["bad"]} bad', flush=True)
    return total


def main():
    jobs = int(os.environ.get('CLFIT_FAULTS_JOBS', '2'))
    total = collections.Counter()
    with tempfile.TemporaryDirectory(prefix='clfit-faults.', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None) \
            as place, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for bench in benches(sys.argv[4:], place):
            total += run_bench(bench, pool)
    print(f'{total["runs"]} faults, {total["bad"]} bad')
    return 1 if total['bad'] or not total['fired'] else 0


sys.exit(main())
