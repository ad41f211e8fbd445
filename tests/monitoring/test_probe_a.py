"""Probe."""
from __future__ import annotations
import random, threading, time, traceback
from collections import Counter
import pytest
from sqlalchemy import select
from portal.cases.models import Case
from portal.core import clock
from portal.core.db import transaction
from portal.core.errors import Rejected
from portal.core.schedule import Workshop
from portal.monitoring.actions import scheduling, plans, watching, plan_drafts, sending
from portal.monitoring.jobs import look_after_forms
from portal.monitoring.models import *
from portal.monitoring.policy.scoring import Filled
from portal.monitoring.states import *
from portal.notifications.jobs import remind
from portal.people.actions.confidential import record_conflict
from portal.schools.actions.calendar import add_days, CalendarDays
from portal.schools.models import CalendarKind
from tests.monitoring.planning import planning, written
from tests.monitoring.classroom import CALM

def test_stress(work, database, settings):
    P = planning(work)
    p = P.shared("teacher", "counsellor")
    today = clock.today()
    end = time.monotonic() + 18
    out = Counter(); errs = []
    shop = Workshop(database, settings)
    A = {n: P.actor(n) for n in ("teacher","colleague","counsellor","principal","manager")}
    def fu(s): return s.scalars(select(FollowUp).where(FollowUp.state != "ended")).first()
    def shared(s): return s.scalars(select(ReturnPlan).where(ReturnPlan.state=="shared")).first()
    def send(s):
        f = s.scalars(select(MonitoringForm).where(MonitoringForm.state.in_(["waiting","missed"])).order_by(MonitoringForm.number.desc())).first()
        f.opens_on = today; s.flush()
    def send2(s):
        f = s.scalars(select(MonitoringForm).where(MonitoringForm.state.in_(["waiting","missed"]))).first()
        f.opens_on = today; s.flush()
        sending.send_form(s, A["teacher"], f, Filled(frozenset(random.choice([(),("r1",)])), CALM), "")
    def correct(s):
        f = s.scalars(select(MonitoringForm).where(MonitoringForm.state=="sent")).first()
        sending.correct_form(s, A["teacher"], f, Filled(frozenset(random.choice([(),("r2",)])), {**CALM,"m9":random.randint(0,4)}), "")
    def name(s):
        watching.name_watcher(s, A["principal"], fu(s), random.choice([P.teacher,P.colleague,P.counsellor]).id, substitute=random.random()<.5)
    def release(s):
        watching.release_watcher(s, A["principal"], fu(s), random.choice([P.colleague,P.counsellor]).id)
    def pause(s):
        if random.random()<.7: return
        scheduling.pause(s, A["manager"], fu(s), reason="x")
    def resume(s): scheduling.resume(s, A["manager"], fu(s))
    def restart(s): scheduling.restart_weekly(s, A["manager"], fu(s))
    def ack(s):
        pl = shared(s)
        plans.acknowledge(s, random.choice([A["teacher"],A["counsellor"],A["principal"]]), pl, random.choice(["","kata"]))
    def revise(s):
        c = s.get_one(Case, P.case.id)
        d = s.scalars(select(ReturnPlan).where(ReturnPlan.state=="draft")).first()
        if d is None: plan_drafts.revise(s, A["manager"], c, shared(s))
        else: plans.share(s, A["manager"], c, d, P.teacher.id)
    def cal(s):
        add_days(s, random.choice([A["principal"]]), work.school.id, CalendarDays(CalendarKind.BREAK,"L","",today.replace(day=28),today.replace(day=28),(),""))
    def words(s): plans.note_words_read(s, A["manager"], s.get_one(Case, P.case.id))
    acts = [send2, correct, name, release, pause, resume, restart, ack, revise, cal, words]
    def worker():
        while time.monotonic() < end:
            act = random.choice(acts)
            try:
                with database.writer() as s, transaction(s):
                    act(s)
                out[act.__name__] += 1
            except Rejected as e: out[act.__name__+":"+e.code] += 1
            except Exception as e:
                out[act.__name__+"!"+type(e).__name__] += 1
                errs.append(traceback.format_exc()[-900:])
    def jobs():
        while time.monotonic() < end:
            try:
                r = look_after_forms(shop); out["job failed"] += r["failed"]; remind(shop); out["jobs"] += 1
            except Exception as e:
                errs.append("JOB "+traceback.format_exc()[-900:])
    ts = [threading.Thread(target=worker) for _ in range(6)] + [threading.Thread(target=jobs) for _ in range(2)]
    [t.start() for t in ts]; [t.join() for t in ts]
    for k,v in sorted(out.items()): print(k, v)
    print(len(errs)); seen=set()
    for e in errs:
        key=e[-150:]
        if key not in seen: seen.add(key); print("-----", e)
        if len(seen)>6: break
    with database.reader() as s:
        fs = s.scalars(select(MonitoringForm)).all()
        print(Counter(f.state for f in fs), [ (f.number) for f in fs if f.state=="waiting"])
        ws = s.scalars(select(Watcher).where(Watcher.ended_at.is_(None))).all()
        print([(w.substitute) for w in ws])
