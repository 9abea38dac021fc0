# What the tests of sweep ask of a study.
#   study.py sum STUDY       a digest of everything in it that must not depend on how it came about
#   study.py sql STUDY TEXT  the first column of the first row
#   study.py row STUDY ID    the row of a network as JSON, in the words of clfit train --json
import hashlib, json, sqlite3, sys

def read(path):
    study = sqlite3.connect('file:%s?mode=rw' % path, uri=True) # mode=ro leaves side files behind
    study.row_factory = sqlite3.Row
    return study

def checksum(study):
    digest = hashlib.sha256()
    columns = [row[1] for row in study.execute('PRAGMA table_info(networks)') if row[1] != 'seconds']
    for row in study.execute('SELECT %s FROM networks ORDER BY id' % ', '.join(columns)):
        digest.update(repr(tuple(row)).encode())
    for row in study.execute('SELECT id, data FROM parameters ORDER BY id'):
        digest.update(repr(tuple(row)).encode())
    for row in study.execute('SELECT key, value FROM meta ORDER BY key'):
        digest.update(repr(tuple(row)).encode())
    if study.execute("SELECT count(*) FROM sqlite_master WHERE name = 'rungs'").fetchone()[0]:
        digest.update(repr([tuple(row) for row in study.execute('SELECT * FROM rungs ORDER BY id')]).encode())
    digest.update(repr(study.execute('SELECT count(*) FROM checkpoints').fetchone()[0]).encode())
    return digest.hexdigest()

study = read(sys.argv[2])
if sys.argv[1] == 'sum':
    print(checksum(study))
elif sys.argv[1] == 'sql':
    print(study.execute(sys.argv[3]).fetchone()[0])
else:
    row = study.execute('SELECT * FROM results WHERE id = ?', (int(sys.argv[3]),)).fetchone()
    print(json.dumps(dict(row)))
