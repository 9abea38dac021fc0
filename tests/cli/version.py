#!/usr/bin/env python3
"""What version.sh asks of tables and studies of an earlier version.

version.py table EXPECTED FILE    FILE, of clfit results --csv or --json, has the rows and values of the CSV file EXPECTED;
                                  it may have further columns
version.py history STUDY          checksum of the losses that a study keeps of every network
version.py ended TABLE            "ID DIGEST" of the first and the last network whose training has ended with parameters
"""
import csv
import hashlib
import json
import sqlite3
import sys


def read_csv(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))


def as_text(value):
    """A value of JSON as results --csv writes it."""
    if value is None:
        return ''
    return value if isinstance(value, str) else repr(value)


def read_json(path):
    with open(path) as file:
        rows = json.load(file, parse_float=str, parse_int=str)['results']
    return [{name: as_text(value) for name, value in row.items()} for row in rows]


def read_table(path):
    return read_json(path) if path.endswith('.json') else read_csv(path)


def table(expected_path, path):
    expected, found = read_csv(expected_path), read_table(path)
    if not expected:
        sys.exit('%s expects nothing' % expected_path)
    if len(found) != len(expected):
        sys.exit('%d rows, expected %d' % (len(found), len(expected)))
    for wanted, row in zip(expected, found):
        for name, value in wanted.items():
            if row.get(name) != value:
                sys.exit('network %s, %s: %r, expected %r' % (wanted['id'], name, row.get(name), value))


def history(path):
    losses = hashlib.sha256()
    study = sqlite3.connect(path)
    for row in study.execute('SELECT id, hex(history) FROM networks ORDER BY id'):
        losses.update(('%d,%s\n' % row).encode())
    print(losses.hexdigest())


def ended(path):
    rows = [row for row in read_csv(path) if row['status'] in ('done', 'stopped')]
    if not rows:
        sys.exit('no network of %s has ended' % path)
    for row in (rows[0], rows[-1]):
        print(row['id'], row['digest'])


{'table': table, 'history': history, 'ended': ended}[sys.argv[1]](*sys.argv[2:])
