#!/usr/bin/env python3
"""Fills a study with what clfit train printed.

make_study.py STUDY.sqlite ROWS.jsonl [MODEL]: the study of some sweep, whose own networks go. One row for each line that
clfit train --json printed, which has every column but three, ids from 0; the parameters of MODEL are kept for the row with its digest.
"""
import json
import sqlite3
import struct
import sys

TARGET = '0.4*x^2 + 0.3*x*sin(15*x) + 0.01*cos(50*x) - 0.3'


# What the table has where the optimizer has no such field, and train prints null.
UNUSED = {'momentum': 0.9, 'beta1': 0.9, 'beta2': 0.999, 'eps': 1e-8}


def milestones(epochs):
    found = sorted({m << k for k in range(31) for m in (1, 3) if m << k <= epochs})
    return found + [epochs] * (found[-1] != epochs)


def history(row):
    """Losses that fall to the last one; none after a divergence in the first epoch."""
    if row['status'] == 'diverged':
        return b''
    epochs = milestones(row['epochs'])
    return struct.pack('<%dd' % len(epochs), *(row['train_loss'] * row['epochs'] / e for e in epochs))


def parameters(path):
    """W1 B1 W2 B2 of a safetensors file that clfit wrote, in this order, and their digest."""
    blob = open(path, 'rb').read()
    size = struct.unpack('<Q', blob[:8])[0]
    header = json.loads(blob[8:8 + size])
    parts = [header[name]['data_offsets'] for name in ('W1', 'B1', 'W2', 'B2')]
    import hashlib
    data = b''.join(blob[8 + size + a:8 + size + b] for a, b in parts)
    return hashlib.sha256(data).hexdigest(), data


def main(path, rows_path, model=None):
    db = sqlite3.connect(path, isolation_level=None)
    for table in ('meta', 'networks', 'parameters'):
        db.execute('DELETE FROM %s' % table)
    for key, value in (('target', TARGET), ('domain', '0:1')):
        db.execute('INSERT INTO meta VALUES(?, ?)', (key, value))
    kept = parameters(model) if model else ('', b'')
    columns = [column[1] for column in db.execute('PRAGMA table_info(networks)')]
    db.execute('BEGIN')
    for i, line in enumerate(open(rows_path)):
        row = json.loads(line)
        row['seconds'] = row['train_seconds']
        row['id'] = i
        row['history'] = history(row)
        values = [UNUSED.get(name) if row.get(name) is None else row[name] for name in columns]
        db.execute('INSERT INTO networks (%s) VALUES(%s)' % (', '.join(columns), ', '.join('?' * len(values))), values)
        if row['digest'] == kept[0]:
            db.execute('INSERT INTO parameters VALUES(?, ?)', (i, kept[1]))
    db.execute('COMMIT')
    db.close()


main(*sys.argv[1:])
