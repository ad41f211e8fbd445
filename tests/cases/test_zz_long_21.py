import os, sys
sys.path.insert(0,'/tmp')
import pytest
from tests.cases.stateful.town import sqlite_town
from tests.cases.stateful.walk import walk_through
def test_long(sqlite_template, tmp_path_factory):
    town = sqlite_town(sqlite_template, tmp_path_factory.mktemp("town"))
    walk_through(town, walks=int(os.environ["W"]), steps=int(os.environ["S"]))
