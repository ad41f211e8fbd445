# as a pytest file: collects every failure
import pytest
from tests.architecture.test_naughty_input import *
from tests.architecture import test_naughty_input as n
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_all(strict):
    bad=[]
    for endpoint in sorted(OPEN_TO):
        if endpoint.split('.')[0] not in ('cases','referrals','insight'): continue
        posted, shown = (rule_of(strict, endpoint, method) for method in ("POST", "GET"))
        for rule in (posted, shown):
            if rule is None: continue
            attempt = begin(strict, rule)
            for what in HARD:
                try:
                    if rule is posted: fill_every_field(attempt, what, htmx=False)
                    else: ask_everything(strict, attempt, what)
                except Exception as e: bad.append((endpoint, what, str(e)[:150]))
    print(*bad, sep='\n')
    assert not bad
