# Makes of a study, or of the file of a search, what somebody could send who means no good.
#   stranger.py STUDY KIND [FILE]
import os, signal, sqlite3, struct, sys

path, kind = sys.argv[1:3]
study = sqlite3.connect(path, isolation_level=None)
run = study.execute

# ---- files beside the study ----

def journal(pages, name=b'', page_size=4096, magic=bytes.fromhex('d9d505f920a163d7')):
    """A rollback journal without pages, as SQLite writes it; with the name of a super-journal at its end."""
    header = (magic + struct.pack('>5I', 0, 0, pages, 512, page_size)).ljust(512, b'\0')
    if name:
        header += struct.pack('>I', 2 ** 30 // 4096 + 1) + name + struct.pack('>2I', len(name), sum(name)) + magic
    with open(path + '-journal', 'wb') as file:
        file.write(header)

def pages():
    return run('PRAGMA page_count').fetchone()[0]

def die_writing():
    """A writer with a rollback journal that is killed after it has written to the study itself."""
    run('PRAGMA journal_mode = DELETE')
    run('PRAGMA cache_size = 1')
    run('BEGIN')
    run("UPDATE networks SET status = 'lost', history = zeroblob(9000)")
    os.kill(os.getpid(), signal.SIGKILL)

# ---- the schema ----

def redefine(name, old, new, *then):
    """Another definition of a table while `then` is done, and its own again."""
    text = run('SELECT sql FROM sqlite_schema WHERE name = ?', (name,)).fetchone()[0]
    assert old in text
    change = 'UPDATE sqlite_schema SET sql = ? WHERE name = ?'
    run('PRAGMA writable_schema = ON')
    run(change, (text.replace(old, new), name))
    if then:
        for statement in then:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute(statement)
            other.close()
        run(change, (text, name))

def view():
    run('PRAGMA legacy_alter_table = ON')
    run('ALTER TABLE networks RENAME TO hidden_networks')
    names = ', '.join(row[1] for row in run('PRAGMA table_info(hidden_networks)') if row[1] != 'id')
    run('CREATE VIEW networks AS SELECT abs(random()) %% 5000000 AS id, %s FROM hidden_networks' % names)

def endless(view, column):
    """A view whose first row SQLite looks for without end."""
    run("CREATE VIEW %s AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) "
        "SELECT i || 'x' AS %s, 'x' AS text FROM n WHERE i > 1" % (view, column))

def virtual():
    run('PRAGMA legacy_alter_table = ON')
    names = ', '.join(row[1] for row in run('PRAGMA table_info(networks)'))
    run('DROP TABLE networks')
    run('CREATE VIRTUAL TABLE networks USING fts4(%s)' % names)

def costly():
    """A table of the user's with a column that takes hours to compute, in one function."""
    run('CREATE TABLE mine (x TEXT)')
    run("INSERT INTO mine VALUES (printf('%.*c', 1000000, 'a'))")
    redefine('mine', ')', ", y TEXT AS (trim(x, substr(replace(x, 'a', 'b'), 1, 400000) || 'a')) NOT NULL)")

def utf16():
    statements = list(study.iterdump())
    marks = [(name, run('PRAGMA ' + name).fetchone()[0]) for name in ('application_id', 'user_version')]
    os.remove(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA encoding = 'UTF-16'")
    for statement in statements:
        other.execute(statement)
    for name, value in marks:
        other.execute('PRAGMA %s = %d' % (name, value))
    other.close()

kinds = {
    'utf16': utf16,
    'super': lambda: journal(pages(), os.fsencode(os.path.abspath(sys.argv[3]))),
    'relative': lambda: journal(pages(), os.fsencode(sys.argv[3])),
    'whole': lambda: journal(pages()),
    'larger': lambda: journal(pages() + 1),
    'none': lambda: journal(0),
    'smaller': lambda: journal(pages() - 1),
    'status': lambda: run("UPDATE networks SET status = 'stopped' WHERE id = 3"),
    'size': lambda: journal(pages(), page_size=512),
    'garbage': lambda: journal(pages(), magic=b'no magic'),
    'link': lambda: os.symlink(sys.argv[3], path + '-journal'),
    'wal-link': lambda: os.link(sys.argv[3], path + '-wal'),
    'shm-fifo': lambda: os.mkfifo(path + '-shm'),
    'killed': die_writing,
    'view': view,
    'virtual': virtual,
    'more-virtual': lambda: run('CREATE VIRTUAL TABLE t USING fts4(x)'),
    'trigger': lambda: run('CREATE TRIGGER t AFTER INSERT ON networks BEGIN DELETE FROM networks; END'),
    'index': lambda: run('CREATE INDEX i ON networks (abs(id))'),
    'costly': costly,
    'own-view': lambda: run('CREATE VIEW mine AS SELECT id FROM networks'),
    'endless': lambda: endless('pragma_encoding', 'encoding'),
    'other-view': lambda: (run('DROP VIEW results'), run('CREATE VIEW results AS SELECT * FROM networks, networks n')),
    'null-allowed': lambda: redefine('networks', 'status TEXT NOT NULL', 'status TEXT'),
    'no-strict': lambda: redefine('networks', ') STRICT', ')'),
    'null-status': lambda: redefine('networks', 'status TEXT NOT NULL', 'status TEXT',
                                    'UPDATE networks SET status = NULL WHERE id = 3'),
    'null-meta': lambda: redefine('meta', 'value TEXT NOT NULL', 'value TEXT', 'UPDATE meta SET value = NULL'),
    'costly-null-status': lambda: (redefine('networks', 'status TEXT NOT NULL', 'status TEXT',
                                            'UPDATE networks SET status = NULL WHERE id = 3'), costly()),
    'keys': lambda: run('WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) '
                        "INSERT INTO meta SELECT 'key' || i, 'x' FROM n"),
    'text-blob': lambda: redefine('parameters', ') STRICT', ')', "UPDATE parameters SET data = 'text'"),
    'blob-text': lambda: redefine('networks', ') STRICT', ')', "UPDATE networks SET activation = x''"),
    'rows': lambda: run('WITH n(i) AS (SELECT 100000 UNION ALL SELECT i + 1 FROM n WHERE i < 100500) INSERT INTO networks '
                        'SELECT i, %s FROM networks, n WHERE id = 0' % ', '.join(
                            row[1] for row in run('PRAGMA table_info(networks)').fetchall() if row[1] != 'id')),
    'negative': lambda: run('UPDATE networks SET id = -1 WHERE id = 0'),
    'rung-rows': lambda: run('INSERT INTO rungs SELECT id + 100000, 1 FROM networks'),
    'last-rung': lambda: (run('UPDATE rungs SET rung = 5'), run("UPDATE meta SET value = '5' WHERE key = 'rung'")),
    'rungs': lambda: run('UPDATE rungs SET rung = 77 WHERE id = (SELECT min(id) FROM rungs)'),
    'rung': lambda: run("UPDATE meta SET value = '4000000000' WHERE key = 'rung'"),
    'no-rung': lambda: run("DELETE FROM meta WHERE key = 'rung'"),
    'half': lambda: run('DELETE FROM networks WHERE id % 2 = 1'),
    'digest': lambda: run("UPDATE networks SET digest = printf('%.*c', 1000000, 'a')"),
    'shard': lambda: run("INSERT OR REPLACE INTO meta VALUES ('shard', '1/100000000'),"
                         " ('typed.shard', '1/100000000')"),
    # of searches
    'definition-view': lambda: (run('DROP TABLE definition'), endless('definition', 'name')),
    'definition-trigger': lambda: run('CREATE TRIGGER t AFTER INSERT ON rounds BEGIN DELETE FROM rounds; END'),
    'definition-index': lambda: run('CREATE INDEX i ON definition (abs(text))'),
    'definition-null-allowed': lambda: redefine('definition', 'text TEXT NOT NULL', 'text TEXT'),
    'definition-null': lambda: redefine('definition', 'text TEXT NOT NULL', 'text TEXT',
                                        'UPDATE definition SET text = NULL'),
    'rounds-text': lambda: redefine('rounds', ') STRICT', ')', "UPDATE rounds SET bytes = 'text'"),
    'data': lambda: run("UPDATE definition SET text = ? WHERE name = 'data'", (sys.argv[3],)),
    'no-digest': lambda: (kinds['data'](), run("DELETE FROM definition WHERE name = 'data_digest'")),
    'long': lambda: run("UPDATE networks SET status = printf('%.*c', 100000000, 'x') WHERE id = 2"),
}
kinds[kind]()
