"""Every view, asked by every role: who is let in, who is sent to the door, who is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import create_app
from portal.core.access import SCHOOL_ROLES, Role
from portal.core.db import connect
from tests.architecture.town import Objects, add_objects, add_people
from tests.builders import Builder
from tests.client import PageClient
from tests.conftest import settings_for

ANONYMOUS = "anonymous"
ROLES = frozenset(Role)
EVERYBODY = frozenset({ANONYMOUS, *ROLES})
SCHOOL_LEADERS = frozenset({Role.PRINCIPAL, Role.SCHOOL_OPERATOR})
READS_MOUS = ROLES - {Role.TEACHER, Role.FOCAL_TEAM, Role.EDUCATION_OFFICE, Role.VOLUNTEER}
READS_VISITS = ROLES - {Role.EDUCATION_OFFICE, Role.VOLUNTEER}
READS_COVERAGE = frozenset(
    {
        Role.SOCIAL_WORKER,
        Role.COORDINATOR,
        Role.DIVISION_HEAD,
        Role.OFFICE_HEAD,
        Role.ADMIN,
        Role.EDUCATION_OFFICE,
    }
)
HEADS = frozenset({Role.DIVISION_HEAD, Role.OFFICE_HEAD})
COORDINATOR = frozenset({Role.COORDINATOR})
ADMIN = frozenset({Role.ADMIN})
INVITES = frozenset({Role.PRINCIPAL, Role.ADMIN})

READS_TRAIL = ADMIN | HEADS
DIVISION_HEAD = frozenset({Role.DIVISION_HEAD})

KEEPS_BREACHES = ADMIN | DIVISION_HEAD
HANDLES_REQUESTS = frozenset({Role.SOCIAL_WORKER, Role.COORDINATOR, Role.DIVISION_HEAD})
TRIAGES = frozenset({Role.SOCIAL_WORKER, Role.COORDINATOR})
READS_REPORTS = TRIAGES | HEADS
SCHOOL = SCHOOL_ROLES
WORKS_ON_CASES = frozenset({Role.SOCIAL_WORKER, Role.COORDINATOR})
WATCHES_CASES = WORKS_ON_CASES | HEADS
REOPENS = WORKS_ON_CASES | DIVISION_HEAD
APPROVES = COORDINATOR | DIVISION_HEAD
READS_PROCEDURE = WATCHES_CASES | ADMIN
HANDS_OVER = frozenset({Role.SOCIAL_WORKER, Role.COORDINATOR, Role.ADMIN})
PRINCIPAL = frozenset({Role.PRINCIPAL})
FILLS_IN = frozenset({Role.TEACHER, Role.FOCAL_TEAM})
READS_PLANS = FILLS_IN | PRINCIPAL
TAKES_ALERTS = WORKS_ON_CASES | DIVISION_HEAD
WATCHES_THE_GAP = COORDINATOR | HEADS
WRITES_MATERIALS = WORKS_ON_CASES
USES_MATERIALS = frozenset({Role.PRINCIPAL, Role.TEACHER})
READS_CAMPAIGNS = WRITES_MATERIALS | HEADS | ADMIN | {Role.VOLUNTEER}
ASKS_CLASSES = USES_MATERIALS | WRITES_MATERIALS
READS_CALENDAR = ROLES - {Role.EDUCATION_OFFICE, Role.VOLUNTEER}
KEEPS_CALENDAR = ADMIN | COORDINATOR | SCHOOL_LEADERS

OPEN_TO: dict[str, frozenset[str]] = {
    "auditlog.assign_request": DIVISION_HEAD,
    "auditlog.breach_form": KEEPS_BREACHES,
    "auditlog.breach_page": ADMIN | HEADS,
    "auditlog.breaches": ADMIN | HEADS,
    "auditlog.check_chain": READS_TRAIL,
    "auditlog.close_breach": KEEPS_BREACHES,
    "auditlog.contain_breach": KEEPS_BREACHES,
    "auditlog.copy_json": HANDLES_REQUESTS,
    "auditlog.copy_pdf": HANDLES_REQUESTS,
    "auditlog.edit_breach": KEEPS_BREACHES,
    "auditlog.edit_breach_form": KEEPS_BREACHES,
    "auditlog.find_person": READS_TRAIL,
    "auditlog.fulfil": HANDLES_REQUESTS,
    "auditlog.hold_form": DIVISION_HEAD,
    "auditlog.identify": HANDLES_REQUESTS,
    "auditlog.keep_away": DIVISION_HEAD,
    "auditlog.letter_file": KEEPS_BREACHES,
    "auditlog.letter_form": KEEPS_BREACHES,
    "auditlog.lift_conflict": DIVISION_HEAD,
    "auditlog.lift_hold": DIVISION_HEAD,
    "auditlog.open_request": DIVISION_HEAD,
    "auditlog.order_hold": DIVISION_HEAD,
    "auditlog.preview_letter": KEEPS_BREACHES,
    "auditlog.record_breach": KEEPS_BREACHES,
    "auditlog.record_request": DIVISION_HEAD,
    "auditlog.refuse": HANDLES_REQUESTS,
    "auditlog.report_breach": KEEPS_BREACHES,
    "auditlog.request_form": DIVISION_HEAD,
    "auditlog.request_page": HANDLES_REQUESTS,
    "auditlog.requests": HANDLES_REQUESTS,
    "auditlog.retention": READS_TRAIL,
    "auditlog.run_rules": ADMIN,
    "auditlog.trail": READS_TRAIL,
    "auditlog.trail_xlsx": READS_TRAIL,
    "auditlog.withdraw_request": HANDLES_REQUESTS,
    "cases.access": WATCHES_CASES,
    "cases.act_without_asking": WORKS_ON_CASES,
    "cases.add_consent": WORKS_ON_CASES,
    "cases.add_contact": WORKS_ON_CASES,
    "cases.add_decision": WORKS_ON_CASES,
    "cases.add_goal": WORKS_ON_CASES,
    "cases.add_guardian": WORKS_ON_CASES,
    "cases.add_need": WORKS_ON_CASES,
    "cases.add_note": WORKS_ON_CASES,
    "cases.add_report": WORKS_ON_CASES,
    "cases.add_task": WORKS_ON_CASES,
    "cases.answer_home_task": WORKS_ON_CASES,
    "cases.approve": APPROVES,
    "cases.ask_along": WORKS_ON_CASES,
    "cases.assess": WORKS_ON_CASES,
    "cases.assess_form": WATCHES_CASES,
    "cases.assessment": WATCHES_CASES,
    "cases.back_to_board": WATCHES_CASES,
    "cases.back_to_case": WATCHES_CASES,
    "cases.bases": READS_PROCEDURE,
    "cases.basis_form": DIVISION_HEAD,
    "cases.begin_plan": WORKS_ON_CASES,
    "cases.cancel_service": WORKS_ON_CASES,
    "cases.cancel_task": WORKS_ON_CASES,
    "cases.change_basis": DIVISION_HEAD,
    "cases.change_child": WORKS_ON_CASES,
    "cases.change_guardian": WORKS_ON_CASES,
    "cases.change_service": WORKS_ON_CASES,
    "cases.child": WATCHES_CASES,
    "cases.closure": WATCHES_CASES,
    "cases.conformity": WATCHES_CASES,
    "cases.contact": WATCHES_CASES,
    "cases.copy_procedure": DIVISION_HEAD,
    "cases.correct_assessment": WORKS_ON_CASES,
    "cases.correct_contact": WORKS_ON_CASES,
    "cases.correct_form": WATCHES_CASES,
    "cases.correct_matter": WORKS_ON_CASES,
    "cases.decide_in_conference": WORKS_ON_CASES,
    "cases.decisions": WATCHES_CASES,
    "cases.discard_procedure": DIVISION_HEAD,
    "cases.edit_goal": WORKS_ON_CASES,
    "cases.edit_plan": WORKS_ON_CASES,
    "cases.edit_procedure_stage": DIVISION_HEAD,
    "cases.end_guardian": WORKS_ON_CASES,
    "cases.end_help": WORKS_ON_CASES,
    "cases.family": WATCHES_CASES,
    "cases.find": WATCHES_CASES,
    "cases.finish_task": WORKS_ON_CASES,
    "cases.give": COORDINATOR,
    "cases.go_back": WORKS_ON_CASES,
    "cases.goal": WATCHES_CASES,
    "cases.guardian": WORKS_ON_CASES,
    "cases.index": WATCHES_CASES,
    "cases.invite": WORKS_ON_CASES,
    "cases.keep_away": WORKS_ON_CASES,
    "cases.keep_guardian_out": WORKS_ON_CASES,
    "cases.let_guardian_in": WORKS_ON_CASES,
    "cases.lift_conflict": COORDINATOR,
    "cases.link_case": WORKS_ON_CASES,
    "cases.look_back": WORKS_ON_CASES,
    "cases.meet_need": WORKS_ON_CASES,
    "cases.move_school": WORKS_ON_CASES,
    "cases.name_procedure": DIVISION_HEAD,
    "cases.new_basis": DIVISION_HEAD,
    "cases.new_basis_form": DIVISION_HEAD,
    "cases.note_obstacle": WORKS_ON_CASES,
    "cases.open_case": WORKS_ON_CASES,
    "cases.open_form": WORKS_ON_CASES,
    "cases.open_in_emergency": DIVISION_HEAD,
    "cases.overcome_obstacle": WORKS_ON_CASES,
    "cases.plan": WATCHES_CASES,
    "cases.plan_service": WORKS_ON_CASES,
    "cases.procedure": READS_PROCEDURE,
    "cases.procedure_edition": READS_PROCEDURE,
    "cases.procedure_stage_form": DIVISION_HEAD,
    "cases.propose_closure": WORKS_ON_CASES,
    "cases.propose_transfer": WORKS_ON_CASES,
    "cases.publish_procedure": DIVISION_HEAD,
    "cases.record_abh": WORKS_ON_CASES,
    "cases.record_advice": WORKS_ON_CASES,
    "cases.record_file": WATCHES_CASES,
    "cases.record_past_service": WORKS_ON_CASES,
    "cases.record_service": WORKS_ON_CASES,
    "cases.record_wishes": WORKS_ON_CASES,
    "cases.remove_goal": WORKS_ON_CASES,
    "cases.reopen": REOPENS,
    "cases.reopen_form": REOPENS,
    "cases.reopen_need": WORKS_ON_CASES,
    "cases.reveal": APPROVES,
    "cases.review_goal": WORKS_ON_CASES,
    "cases.search": WATCHES_CASES,
    "cases.send_back": APPROVES,
    "cases.service": WATCHES_CASES,
    "cases.services": WATCHES_CASES,
    "cases.show": WATCHES_CASES,
    "cases.sign_stage": WORKS_ON_CASES,
    "cases.simfoni": WATCHES_CASES,
    "cases.skip_stage": WORKS_ON_CASES,
    "cases.stages": WATCHES_CASES,
    "cases.submit_plan": WORKS_ON_CASES,
    "cases.suggest_goals": WORKS_ON_CASES,
    "cases.take": COORDINATOR,
    "cases.tasks": WATCHES_CASES,
    "cases.tick": WORKS_ON_CASES,
    "cases.uninvite": WORKS_ON_CASES,
    "cases.unlink_case": WORKS_ON_CASES,
    "cases.untick": WORKS_ON_CASES,
    "cases.withdraw": WORKS_ON_CASES,
    "favicon": EVERYBODY,
    "home.about": EVERYBODY,
    # Whoever was signed out meanwhile reads there that nothing rings any more.
    "home.alarms": EVERYBODY,
    "home.change_settings": ADMIN,
    "home.index": ROLES,
    "home.landing": EVERYBODY,
    "home.privacy": EVERYBODY,
    "home.settings_form": ADMIN,
    "home.take_alarm": ROLES,
    "hotline.acknowledgement": EVERYBODY,
    "hotline.answer": EVERYBODY,
    "hotline.begin": EVERYBODY,
    "hotline.check": EVERYBODY,
    "hotline.code": EVERYBODY,
    "hotline.code_noted": EVERYBODY,
    "hotline.contact": EVERYBODY,
    "hotline.contact_form": EVERYBODY,
    "hotline.details": EVERYBODY,
    "hotline.details_form": EVERYBODY,
    "hotline.done": EVERYBODY,
    "hotline.end": EVERYBODY,
    "hotline.ended": EVERYBODY,
    "hotline.entry": EVERYBODY,
    "hotline.files_form": EVERYBODY,
    "hotline.hand_in": EVERYBODY,
    "hotline.help_now": EVERYBODY,
    "hotline.leave": EVERYBODY,
    "hotline.open_reply": EVERYBODY,
    "hotline.other_address": EVERYBODY,
    "hotline.over": EVERYBODY,
    "hotline.replies": EVERYBODY,
    "hotline.reply_form": EVERYBODY,
    "hotline.rights": EVERYBODY,
    "hotline.send": EVERYBODY,
    "hotline.step": EVERYBODY,
    "hotline.write": EVERYBODY,
    "incidents.add_files": SCHOOL,
    "incidents.add_note": TRIAGES,
    "incidents.add_turn": COORDINATOR,
    "incidents.bypass_school": TRIAGES,
    "incidents.change_turn": COORDINATOR,
    "incidents.close": TRIAGES,
    "incidents.contact": READS_REPORTS,
    "incidents.evidence": READS_REPORTS,
    "incidents.file": SCHOOL,
    "incidents.file_form": SCHOOL,
    "incidents.filed": SCHOOL,
    "incidents.filings": SCHOOL,
    "incidents.follow_up": TRIAGES,
    "incidents.keep_away": TRIAGES,
    "incidents.lift_conflict": TRIAGES,
    "incidents.lift_quarantine": TRIAGES,
    "incidents.link": TRIAGES,
    "incidents.open_report": DIVISION_HEAD,
    "incidents.poster": ROLES - {Role.VOLUNTEER},
    "incidents.poster_file": ROLES - {Role.VOLUNTEER},
    "incidents.quarantine": TRIAGES,
    "incidents.queue": READS_REPORTS,
    "incidents.record_receipt": TRIAGES,
    "incidents.refer": TRIAGES,
    "incidents.remove_turn": COORDINATOR,
    "incidents.reopen": TRIAGES,
    "incidents.reply": TRIAGES,
    "incidents.report": READS_REPORTS,
    "incidents.reporter_agreed": TRIAGES,
    "incidents.roster": READS_REPORTS,
    "incidents.set_urgency": TRIAGES,
    "incidents.take_on": TRIAGES,
    "incidents.tell_school": TRIAGES,
    "incidents.transcribe": TRIAGES,
    "incidents.transcribe_form": TRIAGES,
    "incidents.transcribed_files": TRIAGES,
    "incidents.transcribed_files_form": TRIAGES,
    "incidents.turn_form": COORDINATOR,
    "incidents.unlink": TRIAGES,
    "incidents.write_back": SCHOOL,
    "insight.case_figures": READS_COVERAGE,
    "insight.case_figures_xlsx": WATCHES_CASES,
    "insight.coverage": READS_COVERAGE,
    "insight.coverage_pdf": frozenset({Role.COORDINATOR, *HEADS, Role.EDUCATION_OFFICE}),
    "insight.coverage_xlsx": frozenset({Role.COORDINATOR, *HEADS, Role.EDUCATION_OFFICE}),
    "insight.gap": WATCHES_THE_GAP,
    "insight.gap_xlsx": WATCHES_THE_GAP,
    "insight.obstacles": WATCHES_CASES,
    "insight.partner": READS_MOUS,
    "insight.partners": READS_MOUS,
    "insight.partners_xlsx": frozenset({Role.COORDINATOR, *HEADS, Role.EDUCATION_OFFICE}),
    "insight.plan": WATCHES_CASES,
    "insight.plan_again": COORDINATOR,
    "insight.plan_ask": COORDINATOR,
    "insight.plan_drop": COORDINATOR,
    "insight.plan_item": WATCHES_CASES,
    "insight.plan_item_lock": COORDINATOR,
    "insight.plan_item_move": COORDINATOR,
    "insight.plan_item_release": COORDINATOR,
    "insight.plan_keep": COORDINATOR,
    "insight.plan_send": COORDINATOR,
    "insight.plan_stop": COORDINATOR,
    "insight.plan_xlsx": WATCHES_CASES,
    "insight.plans": WATCHES_CASES,
    "insight.report_figures": READS_COVERAGE,
    "insight.report_figures_xlsx": READS_COVERAGE,
    "insight.suggestion": WATCHES_CASES,
    "insight.suggestion_decide": COORDINATOR,
    "insight.suggestion_free": COORDINATOR,
    "insight.suggestion_offer": COORDINATOR,
    "insight.suggestions": WATCHES_CASES,
    "insight.suggestions_next": WATCHES_CASES,
    "manifest": EVERYBODY,
    "materials.about_form": WRITES_MATERIALS,
    "materials.add_story_page": WRITES_MATERIALS,
    "materials.add_synonyms": WRITES_MATERIALS,
    "materials.add_to_group": WRITES_MATERIALS,
    "materials.approve_post": COORDINATOR,
    "materials.ask": WRITES_MATERIALS,
    "materials.bring_in": WRITES_MATERIALS,
    "materials.campaign": READS_CAMPAIGNS,
    "materials.campaign_posts_xlsx": READS_CAMPAIGNS,
    "materials.campaigns": READS_CAMPAIGNS,
    "materials.card": EVERYBODY,
    "materials.change_campaign": WRITES_MATERIALS,
    "materials.change_group": WRITES_MATERIALS,
    "materials.change_post": WRITES_MATERIALS,
    "materials.change_synonyms": WRITES_MATERIALS,
    "materials.check_quiz": EVERYBODY,
    "materials.close_round": ASKS_CLASSES,
    "materials.describe": WRITES_MATERIALS,
    "materials.desk": WRITES_MATERIALS,
    "materials.discard_draft": WRITES_MATERIALS,
    "materials.drop_post": WRITES_MATERIALS,
    "materials.edit": WRITES_MATERIALS,
    "materials.edit_form": WRITES_MATERIALS,
    "materials.edition": WRITES_MATERIALS,
    "materials.editions": WRITES_MATERIALS,
    "materials.favourite": ROLES,
    "materials.file": EVERYBODY,
    "materials.finish": EVERYBODY,
    "materials.finished": EVERYBODY,
    "materials.forget_use": USES_MATERIALS,
    "materials.go_on": ASKS_CLASSES,
    "materials.group": EVERYBODY,
    "materials.group_form": WRITES_MATERIALS,
    "materials.groups": WRITES_MATERIALS,
    "materials.import_form": WRITES_MATERIALS,
    "materials.index": EVERYBODY,
    "materials.log_post": WRITES_MATERIALS,
    "materials.move_in_group": WRITES_MATERIALS,
    "materials.new": WRITES_MATERIALS,
    "materials.new_campaign": WRITES_MATERIALS,
    "materials.new_campaign_form": WRITES_MATERIALS,
    "materials.new_form": WRITES_MATERIALS,
    "materials.new_group": WRITES_MATERIALS,
    "materials.new_group_form": WRITES_MATERIALS,
    "materials.new_post": WRITES_MATERIALS,
    "materials.new_post_form": WRITES_MATERIALS,
    "materials.note_reach": WRITES_MATERIALS,
    "materials.offline": EVERYBODY,
    "materials.open_round": ASKS_CLASSES,
    "materials.parent_card": EVERYBODY,
    "materials.parents": EVERYBODY,
    "materials.path": EVERYBODY,
    "materials.play": EVERYBODY,
    "materials.play_node": EVERYBODY,
    "materials.post": READS_CAMPAIGNS,
    "materials.post_card": READS_CAMPAIGNS,
    "materials.post_form": WRITES_MATERIALS,
    "materials.poster": EVERYBODY,
    "materials.poster_pdf": EVERYBODY,
    "materials.preview": WRITES_MATERIALS,
    "materials.publish": COORDINATOR,
    "materials.questions": WRITES_MATERIALS,
    "materials.quiz": EVERYBODY,
    "materials.remove_story_page": WRITES_MATERIALS,
    "materials.remove_synonyms": WRITES_MATERIALS,
    "materials.reopen_round": ASKS_CLASSES,
    "materials.restore": COORDINATOR,
    "materials.review": COORDINATOR,
    "materials.round": ASKS_CLASSES,
    "materials.round_code": ASKS_CLASSES,
    "materials.round_count": ASKS_CLASSES,
    "materials.round_screen": ASKS_CLASSES,
    "materials.rounds": ASKS_CLASSES,
    "materials.save_questions": WRITES_MATERIALS,
    "materials.save_story_page": WRITES_MATERIALS,
    "materials.save_story_translation": WRITES_MATERIALS,
    "materials.saved": EVERYBODY,
    "materials.send_sheet": EVERYBODY,
    "materials.sheet": EVERYBODY,
    "materials.sheet_done": EVERYBODY,
    "materials.short_link": EVERYBODY,
    "materials.show": EVERYBODY,
    "materials.start_story_with": WRITES_MATERIALS,
    "materials.step_done": EVERYBODY,
    "materials.story": WRITES_MATERIALS,
    "materials.story_page": WRITES_MATERIALS,
    "materials.story_preview": WRITES_MATERIALS,
    "materials.story_translation": WRITES_MATERIALS,
    "materials.synonyms": WRITES_MATERIALS,
    "materials.take_off_group": WRITES_MATERIALS,
    "materials.take_out": WRITES_MATERIALS,
    "materials.take_up": WRITES_MATERIALS,
    "materials.take_up_post": WRITES_MATERIALS,
    "materials.throw_away": WRITES_MATERIALS,
    "materials.unfavourite": ROLES,
    "materials.use": USES_MATERIALS,
    "materials.withdraw": COORDINATOR,
    "monitoring.acknowledge": READS_PLANS,
    "monitoring.add_reply_text": DIVISION_HEAD,
    "monitoring.alert": TAKES_ALERTS,
    "monitoring.answer": WORKS_ON_CASES,
    "monitoring.change_reply_text": DIVISION_HEAD,
    "monitoring.choose_teacher": WORKS_ON_CASES,
    "monitoring.close_alert": TAKES_ALERTS,
    "monitoring.correct": FILLS_IN,
    "monitoring.correct_form": FILLS_IN,
    "monitoring.device_keys": FILLS_IN,
    "monitoring.discard_instrument": DIVISION_HEAD,
    "monitoring.discard_plan": WORKS_ON_CASES,
    "monitoring.draft_instrument": DIVISION_HEAD,
    "monitoring.draft_plan": WORKS_ON_CASES,
    "monitoring.edit_instrument": DIVISION_HEAD,
    "monitoring.edit_plan": WORKS_ON_CASES,
    "monitoring.end": WORKS_ON_CASES,
    "monitoring.end_plan": WORKS_ON_CASES,
    "monitoring.end_substitute": WORKS_ON_CASES,
    "monitoring.form": FILLS_IN,
    "monitoring.go_on": WORKS_ON_CASES,
    "monitoring.inbox": TAKES_ALERTS,
    "monitoring.index": WATCHES_CASES | READS_PLANS,
    "monitoring.instrument": READS_PROCEDURE,
    "monitoring.instrument_part": DIVISION_HEAD,
    "monitoring.instruments": READS_PROCEDURE,
    "monitoring.name_teacher": PRINCIPAL,
    "monitoring.new_reply_text": DIVISION_HEAD,
    "monitoring.note_plan_words": WORKS_ON_CASES,
    "monitoring.of_case": WATCHES_CASES,
    "monitoring.pause": WORKS_ON_CASES,
    "monitoring.plan": READS_PLANS,
    "monitoring.plan_of_case": WATCHES_CASES,
    "monitoring.plan_pdf": READS_PLANS,
    "monitoring.print_plan": WATCHES_CASES,
    "monitoring.publish_instrument": DIVISION_HEAD,
    "monitoring.read_form": WATCHES_CASES,
    "monitoring.reply_seen": FILLS_IN,
    "monitoring.reply_text_form": DIVISION_HEAD,
    "monitoring.reply_texts": READS_PROCEDURE,
    "monitoring.restart": WORKS_ON_CASES,
    "monitoring.resume": WORKS_ON_CASES,
    "monitoring.revise_plan": WORKS_ON_CASES,
    "monitoring.save": FILLS_IN,
    "monitoring.send": FILLS_IN,
    "monitoring.share_plan": WORKS_ON_CASES,
    "monitoring.skip": WORKS_ON_CASES,
    "monitoring.take_alert": TAKES_ALERTS,
    "monitoring.teacher_back": PRINCIPAL,
    "notifications.change_preference": ROLES,
    "notifications.failures": ADMIN,
    "notifications.hand_over": HANDS_OVER,
    "notifications.hand_over_list": HANDS_OVER,
    "notifications.inbox": ROLES,
    "notifications.open_message": ROLES,
    "notifications.preference_form": ROLES,
    "notifications.read_all": ROLES,
    "notifications.retry": ADMIN,
    "notifications.retry_all": ADMIN,
    "offline": EVERYBODY,
    "operations.alive": EVERYBODY,
    "operations.all_well": EVERYBODY,
    "operations.index": ADMIN,
    "operations.metrics": EVERYBODY,
    "operations.run_now": ADMIN,
    "people.accept": EVERYBODY,
    "people.accept_conduct": ROLES,
    "people.accept_form": EVERYBODY,
    "people.account": ROLES,
    "people.add_factor": ROLES,
    "people.add_passkey": ROLES,
    "people.approve_invitation": HEADS,
    "people.ask_for_passkey": ROLES,
    "people.ask_passkey": EVERYBODY,
    "people.before_sign_out": ROLES,
    "people.cancel_invitation": INVITES,
    "people.change_account": ROLES,
    "people.change_contacts": ROLES,
    "people.change_password": ROLES,
    "people.check_code": EVERYBODY,
    "people.clear_factor": HEADS | {Role.PRINCIPAL},
    "people.code_form": EVERYBODY,
    "people.conduct_form": ROLES,
    "people.confirm": ADMIN,
    "people.contacts_form": ROLES,
    "people.emergencies": HEADS,
    "people.emergency": HEADS,
    "people.end_form": INVITES,
    "people.end_membership": INVITES,
    "people.factor_form": ROLES,
    "people.forgot": EVERYBODY,
    "people.forgot_form": EVERYBODY,
    "people.forgot_sent": EVERYBODY,
    "people.help_form": INVITES | HEADS,
    "people.index": INVITES | HEADS,
    "people.invitation_form": INVITES,
    "people.invite": INVITES,
    "people.make_recovery_codes": ROLES,
    "people.make_reset_link": INVITES,
    "people.new_password_form": EVERYBODY,
    "people.passkey_form": ROLES,
    "people.password_form": ROLES,
    "people.prove": ROLES,
    "people.prove_form": ROLES,
    "people.recovery_codes_form": ROLES,
    "people.remove_factor": ROLES,
    "people.remove_passkey": ROLES,
    "people.review": ADMIN,
    "people.review_emergency": frozenset({Role.OFFICE_HEAD}),
    "people.revoke_others": ROLES,
    "people.revoke_session": ROLES,
    "people.security": ROLES,
    "people.set_new_password": EVERYBODY,
    "people.sign_in": EVERYBODY,
    "people.sign_in_as_example": frozenset(),
    "people.sign_in_form": EVERYBODY,
    "people.sign_out": EVERYBODY,
    "people.use_passkey": EVERYBODY,
    "referrals.add_provider": APPROVES,
    "referrals.answer": EVERYBODY,
    "referrals.answer_file": WATCHES_CASES,
    "referrals.cancel": WORKS_ON_CASES,
    "referrals.change": WORKS_ON_CASES,
    "referrals.costs": WATCHES_CASES,
    "referrals.door": EVERYBODY,
    "referrals.draft": WORKS_ON_CASES,
    "referrals.edit_provider": APPROVES,
    "referrals.edit_provider_form": APPROVES,
    "referrals.end": WORKS_ON_CASES,
    "referrals.letter": WATCHES_CASES,
    "referrals.make_link": WORKS_ON_CASES,
    "referrals.mark_read": WORKS_ON_CASES,
    "referrals.note_answer": WORKS_ON_CASES,
    "referrals.of_case": WATCHES_CASES,
    "referrals.open_packet": EVERYBODY,
    "referrals.overview": WATCHES_CASES,
    "referrals.packet": EVERYBODY,
    "referrals.propose": WORKS_ON_CASES,
    "referrals.propose_transfer": WORKS_ON_CASES,
    "referrals.provider_form": APPROVES,
    "referrals.providers": WATCHES_CASES,
    "referrals.quota_form": APPROVES,
    "referrals.refused": EVERYBODY,
    "referrals.send": WORKS_ON_CASES,
    "referrals.set_quota": APPROVES,
    "referrals.show": WATCHES_CASES,
    "schools.add_city_days": ADMIN | COORDINATOR,
    "schools.add_classes": SCHOOL_LEADERS,
    "schools.add_contact": KEEPS_CALENDAR,
    "schools.add_days": KEEPS_CALENDAR,
    "schools.add_obligation": COORDINATOR,
    "schools.agree_mou": DIVISION_HEAD,
    "schools.agree_partnership": COORDINATOR,
    "schools.apply": ADMIN,
    "schools.ask_partnership": EVERYBODY,
    "schools.calendar": READS_CALENDAR,
    "schools.cancel": ADMIN,
    "schools.change_class": SCHOOL_LEADERS,
    "schools.change_contact": KEEPS_CALENDAR,
    "schools.change_days": KEEPS_CALENDAR,
    "schools.change_obligation": COORDINATOR,
    "schools.change_week": KEEPS_CALENDAR,
    "schools.city_calendar": READS_CALENDAR,
    "schools.class_form": SCHOOL_LEADERS,
    "schools.classes": READS_CALENDAR,
    "schools.confirm_classes": SCHOOL_LEADERS,
    "schools.contact_form": KEEPS_CALENDAR,
    "schools.contact_partnership": COORDINATOR,
    "schools.contacts": READS_MOUS,
    "schools.contacts_tried": WATCHES_CASES,
    "schools.days_form": KEEPS_CALENDAR,
    "schools.edit": ADMIN,
    "schools.edit_form": ADMIN,
    "schools.edit_mou": COORDINATOR,
    "schools.edit_mou_form": COORDINATOR,
    "schools.end_contact": KEEPS_CALENDAR,
    "schools.import_form": ADMIN,
    "schools.index": ROLES - {Role.VOLUNTEER},
    "schools.keep_mou_copy": frozenset({Role.SCHOOL_OPERATOR}),
    "schools.meet_obligation": COORDINATOR,
    "schools.merge": ADMIN,
    "schools.merge_form": ADMIN,
    "schools.mou": READS_MOUS,
    "schools.mou_file": READS_MOUS,
    "schools.mou_form": COORDINATOR,
    "schools.move_up": SCHOOL_LEADERS,
    "schools.name_homerooms": SCHOOL_LEADERS,
    "schools.obligation": COORDINATOR,
    "schools.partnership": WATCHES_CASES,
    "schools.partnership_form": EVERYBODY,
    "schools.partnership_sent": EVERYBODY,
    "schools.partnerships": WATCHES_CASES,
    "schools.place_partnership": COORDINATOR,
    "schools.preview": ADMIN,
    "schools.put_off_partnership": COORDINATOR,
    "schools.record_attempt": WORKS_ON_CASES,
    "schools.record_mou": COORDINATOR,
    "schools.remove_class": SCHOOL_LEADERS,
    "schools.remove_days": KEEPS_CALENDAR,
    "schools.remove_obligation": COORDINATOR,
    "schools.rename": ADMIN,
    "schools.rename_form": ADMIN,
    "schools.renew_form": COORDINATOR,
    "schools.renew_mou": COORDINATOR,
    "schools.reopen_obligation": COORDINATOR,
    "schools.show": ROLES - {Role.VOLUNTEER},
    "schools.upload": ADMIN,
    "service_worker": EVERYBODY,
    "static": EVERYBODY,
    "visits.accept": SCHOOL_LEADERS,
    "visits.add_blackout": COORDINATOR,
    "visits.add_cost": WORKS_ON_CASES,
    "visits.add_leave": COORDINATOR,
    "visits.add_photo": WORKS_ON_CASES,
    "visits.add_programme": COORDINATOR,
    "visits.agree_to_change": SCHOOL_LEADERS,
    "visits.approve": COORDINATOR,
    "visits.approve_change": COORDINATOR,
    "visits.approve_several": COORDINATOR,
    "visits.ask_class": ASKS_CLASSES,
    "visits.blackouts": COORDINATOR,
    "visits.book": SCHOOL_LEADERS,
    "visits.book_form": SCHOOL_LEADERS,
    "visits.calendar": READS_VISITS,
    "visits.calendar_file": READS_VISITS,
    "visits.callers": WORKS_ON_CASES,
    "visits.cancel": COORDINATOR,
    "visits.cancel_series": READS_VISITS,
    "visits.change": SCHOOL_LEADERS,
    "visits.change_form": SCHOOL_LEADERS,
    "visits.change_hours": COORDINATOR,
    "visits.change_needs": COORDINATOR,
    "visits.change_programme": COORDINATOR,
    "visits.change_terms": COORDINATOR,
    "visits.check": COORDINATOR,
    "visits.close_feedback": ASKS_CLASSES,
    "visits.confirm": SCHOOL_LEADERS,
    "visits.correct": WORKS_ON_CASES,
    "visits.correct_form": WORKS_ON_CASES,
    "visits.costs": WATCHES_CASES,
    "visits.counter": COORDINATOR,
    "visits.counter_form": COORDINATOR,
    "visits.decline": COORDINATOR,
    "visits.decline_change": COORDINATOR,
    "visits.deliver": frozenset({Role.SOCIAL_WORKER, Role.COORDINATOR}),
    "visits.deliver_form": WORKS_ON_CASES,
    "visits.doubt": SCHOOL_LEADERS,
    "visits.enter": WORKS_ON_CASES,
    "visits.enter_form": WORKS_ON_CASES,
    "visits.enter_hold": WORKS_ON_CASES,
    "visits.feed": EVERYBODY,
    "visits.feedback": EVERYBODY,
    "visits.feedback_code": ASKS_CLASSES,
    "visits.feedback_desk": READS_VISITS,
    "visits.feedback_done": EVERYBODY,
    "visits.feedback_paper": ASKS_CLASSES,
    "visits.feedback_screen": ASKS_CLASSES,
    "visits.hold": SCHOOL_LEADERS,
    "visits.index": READS_VISITS,
    "visits.invite": COORDINATOR,
    "visits.invite_form": COORDINATOR,
    "visits.keep_time": SCHOOL_LEADERS,
    "visits.letter": READS_VISITS,
    "visits.letters": READS_VISITS,
    "visits.make_feed": READS_VISITS,
    "visits.make_letter": SCHOOL_LEADERS | WORKS_ON_CASES,
    "visits.miss": WORKS_ON_CASES,
    "visits.needs": COORDINATOR,
    "visits.new_programme_form": COORDINATOR,
    "visits.news_read": READS_VISITS,
    "visits.offer_wish": COORDINATOR,
    "visits.open_feedback": ASKS_CLASSES,
    "visits.photo": READS_VISITS,
    "visits.photos": READS_VISITS,
    "visits.preview_wording": COORDINATOR | ADMIN,
    "visits.programme": COORDINATOR,
    "visits.programmes": COORDINATOR,
    "visits.proposal_form": COORDINATOR,
    "visits.propose": COORDINATOR,
    "visits.queue": COORDINATOR,
    "visits.reassign": COORDINATOR,
    "visits.remove_blackout": COORDINATOR,
    "visits.remove_cost": WORKS_ON_CASES,
    "visits.remove_leave": COORDINATOR,
    "visits.remove_photo": WORKS_ON_CASES,
    "visits.restore": COORDINATOR,
    "visits.return_letter": SCHOOL_LEADERS | WORKS_ON_CASES,
    "visits.revoke_feed": READS_VISITS,
    "visits.reword_letter": COORDINATOR | ADMIN,
    "visits.room_ready": SCHOOL_LEADERS,
    "visits.send_feedback": EVERYBODY,
    "visits.series": READS_VISITS,
    "visits.settle": COORDINATOR,
    "visits.show": READS_VISITS,
    "visits.signed_letter": READS_VISITS,
    "visits.take_back": COORDINATOR,
    "visits.turn_down": SCHOOL_LEADERS,
    "visits.undo": COORDINATOR,
    "visits.undo_several": COORDINATOR,
    "visits.wish": SCHOOL_LEADERS,
    "visits.wish_form": SCHOOL_LEADERS,
    "visits.wishes": READS_VISITS,
    "visits.withdraw": SCHOOL_LEADERS,
    "visits.withdraw_change": SCHOOL_LEADERS,
    "visits.withdraw_proposal": COORDINATOR,
    "visits.withdraw_wish": SCHOOL_LEADERS,
    "visits.wording": COORDINATOR | ADMIN,
    "visits.wordings": COORDINATOR | ADMIN,
    "visits.worker": COORDINATOR,
    "visits.workers": frozenset({Role.SOCIAL_WORKER, Role.COORDINATOR, *HEADS}),
}
# Doors that only a demonstration has, or whoever shows a token; elsewhere nobody finds them.
NOT_THERE = {"people.sign_in_as_example", "operations.metrics"}
# Doors behind the password: whoever did not come through it is sent to it.
BEHIND_THE_PASSWORD = {
    "people.ask_passkey",
    "people.check_code",
    "people.code_form",
    "people.use_passkey",
}
# Links that open something once; the town's invitation does not open these.
LINKS_OVER = {
    "people.new_password_form",
    "people.set_new_password",
    # A provider's packet opens in the browser that opened its link.
    "referrals.answer",
    "referrals.packet",
}
# No worker runs in the town.
NOT_WELL = {"operations.all_well"}
# Whoever could be let in, but not to this request: a social worker handles it.
NOT_THE_HANDLER = frozenset({Role.COORDINATOR, Role.DIVISION_HEAD})
NOT_THEIRS: dict[str, frozenset[str]] = {
    "auditlog.copy_json": NOT_THE_HANDLER,
    "auditlog.copy_pdf": NOT_THE_HANDLER,
    "auditlog.fulfil": NOT_THE_HANDLER,
    "auditlog.identify": NOT_THE_HANDLER,
    "auditlog.refuse": NOT_THE_HANDLER,
    "auditlog.request_page": COORDINATOR,
    "auditlog.withdraw_request": NOT_THE_HANDLER,
    # Here a social worker works on the case: whoever only reads it sees no form of the family.
    "cases.add_contact": COORDINATOR,
    "cases.answer_home_task": COORDINATOR,
    "cases.cancel_service": COORDINATOR,
    "cases.change_guardian": COORDINATOR,
    "cases.change_service": COORDINATOR,
    "cases.contact": COORDINATOR,
    "cases.correct_contact": COORDINATOR,
    "cases.decide_in_conference": COORDINATOR,
    "cases.end_guardian": COORDINATOR,
    "cases.guardian": COORDINATOR,
    "cases.invite": COORDINATOR,
    "cases.keep_guardian_out": COORDINATOR,
    "cases.let_guardian_in": COORDINATOR,
    "cases.plan_service": COORDINATOR,
    "cases.record_past_service": COORDINATOR,
    "cases.record_service": COORDINATOR,
    "cases.uninvite": COORDINATOR,
    # To the heads a case is a number, and to coordinators one without a name.
    "cases.approve": DIVISION_HEAD,
    "cases.record_file": COORDINATOR | HEADS,
    "monitoring.print_plan": COORDINATOR | HEADS,
    "cases.send_back": DIVISION_HEAD,
    "referrals.answer_file": COORDINATOR | HEADS,
    "referrals.letter": COORDINATOR | HEADS,
    # The heads know of the report; its file is with those who work on it.
    "incidents.contact": HEADS,
    "incidents.evidence": HEADS,
    # What one filed or wrote down is one's own: here the focal team's, and the coordinator's.
    "incidents.add_files": SCHOOL - {Role.FOCAL_TEAM},
    "incidents.filed": SCHOOL - {Role.FOCAL_TEAM},
    "incidents.transcribed_files": TRIAGES - COORDINATOR,
    "incidents.transcribed_files_form": TRIAGES - COORDINATOR,
    "incidents.write_back": SCHOOL - {Role.FOCAL_TEAM},
    # What rings goes to the division head when nobody took it on in time; here nobody waited long.
    "monitoring.alert": DIVISION_HEAD,
    "monitoring.close_alert": DIVISION_HEAD,
    "monitoring.take_alert": DIVISION_HEAD,
    # The heads know by number whether forms come, not what they say.
    "monitoring.read_form": HEADS,
    # Whoever noted that a class used a material takes it back: here the principal.
    "materials.forget_use": frozenset({Role.TEACHER}),
    # The education office sees coverage, not what passes with each partner.
    "insight.partners_xlsx": frozenset({Role.EDUCATION_OFFICE}),
    # A school calls its own series off, or the coordinator does.
    "visits.cancel_series": READS_VISITS - SCHOOL_LEADERS - COORDINATOR,
    # The minutes of the town are the office's letter.
    "visits.return_letter": SCHOOL_LEADERS,
    # The town's address for calendars is its school's.
    "visits.revoke_feed": READS_VISITS - SCHOOL_LEADERS,
    # The session of the town still waits for its answer.
    "visits.ask_class": ASKS_CLASSES,
    # The alarm of the town is a data breach.
    "home.take_alarm": ROLES - KEEPS_BREACHES,
    "notifications.open_message": ROLES - {Role.PRINCIPAL},
}


@dataclass
class Stage:
    """The town as a saved folder, put back before whatever may change it."""

    app: Flask
    folder: Path
    saved: Path
    objects: Objects
    sessions: dict[str, str]
    # The token of a form and the cookie it belongs to, by role; what forms show, by view, and
    # where else they stand, by page and reader.
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    shown: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    forms: dict[tuple[str, str], dict[str, dict[str, list[str]]]] = field(default_factory=dict)
    # Somebody sent a form that was not turned away, so something may have changed.
    touched: bool = False

    def reset(self) -> None:
        """Bring database and files back to how they were."""
        self.touched = False
        self.app.extensions["database"].dispose()
        shutil.rmtree(self.folder)
        shutil.copytree(self.saved, self.folder)

    def client(self, role: str) -> PageClient:
        """Return a client of somebody in this role."""
        client = PageClient(self.app)
        client.builder.close()
        if role != ANONYMOUS:
            client.http.set_cookie("sid", self.sessions[role])
        return client

    def writer(self, role: str) -> PageClient:
        """Return a client that has seen a form, as everybody has who sends one."""
        client = self.client(role)
        if role not in self.tokens:
            token, cookie = client.csrf(), client.http.get_cookie("form")
            assert cookie
            self.tokens[role] = token, cookie.value
        client.token, kept = self.tokens[role]
        client.http.set_cookie("form", kept)
        return client


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("matrix") / "data"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "portal.db")
    url = f"sqlite:///{folder / 'portal.db'}"
    database = connect(url)
    build = Builder(database)
    school = build.school()
    by_role = add_people(build, school)
    objects = add_objects(build, folder, school, by_role)
    sessions = {role: build.sign_in(user) for role, user in by_role.items()}
    build.close()
    database.dispose()
    saved = folder.with_name("saved")
    shutil.copytree(folder, saved)
    app = create_app(settings_for(folder, url))
    yield Stage(app, folder, saved, objects, sessions)
    app.extensions["database"].dispose()


def ask(stage: Stage, endpoint: str, role: str, *, htmx: bool) -> TestResponse:
    """Ask for a view with real objects in its address."""
    rule: Rule = next(stage.app.url_map.iter_rules(endpoint))
    with stage.app.test_request_context():
        address = url_for(endpoint, **stage.objects.arguments(rule))
    if stage.touched:
        stage.reset()
    if "POST" in (rule.methods or ()):
        answer = stage.writer(role).post(address, htmx=htmx)
        stage.touched = outcome(answer) not in TURNED_AWAY
        return answer
    client = stage.client(role)
    return client.fragment(address) if htmx else client.get(address)


TURNED_AWAY = frozenset({"sign in", "refused", "not there"})


def outcome(response: TestResponse) -> str:
    """Say in one word what an answer means."""
    target = response.headers.get("HX-Redirect") or response.headers.get("Location") or ""
    if target.partition("?")[0] == "/masuk":
        return "sign in"
    # 409: somebody else, or an older page, came before.
    if response.status_code in {200, 204, 303, 409, 422}:
        return "open"
    return {403: "refused", 404: "not there"}.get(response.status_code, str(response.status_code))


def expected(endpoint: str, role: str) -> str:
    """Say what the table expects."""
    if endpoint in NOT_THERE or role in NOT_THEIRS.get(endpoint, ()):
        return "not there"
    if endpoint in BEHIND_THE_PASSWORD:
        return "sign in"
    if endpoint in LINKS_OVER:
        return "410"
    if endpoint in NOT_WELL:
        return "503"
    if role in OPEN_TO[endpoint]:
        return "open"
    return "sign in" if role == ANONYMOUS else "refused"


def test_the_table_names_every_view_and_no_other(stage: Stage) -> None:
    assert set(OPEN_TO) == {rule.endpoint for rule in stage.app.url_map.iter_rules()}


def test_every_role_asks_for_fragments_of_views_open_and_closed_to_it() -> None:
    asked = [(role, expected(endpoint, role)) for endpoint in OPEN_TO for role in sample(endpoint)]
    for role in EVERYBODY:
        closed = "sign in" if role == ANONYMOUS else "refused"
        assert {(role, "open"), (role, closed)} <= set(asked)


def sample(endpoint: str) -> list[str]:
    """Return the stranger, and of the roles with the same answer one, in turn.

    Who is let in is decided before anybody looks whether a page or a fragment is asked for.
    """
    turn = sorted(OPEN_TO).index(endpoint)
    alike: dict[str, list[str]] = {}
    for role in sorted(ROLES):
        alike.setdefault(expected(endpoint, role), []).append(role)
    return [ANONYMOUS, *(roles[turn % len(roles)] for roles in alike.values())]


@pytest.mark.parametrize("endpoint", sorted(OPEN_TO))
def test_a_view_opens_to_exactly_the_roles_of_the_table(stage: Stage, endpoint: str) -> None:
    for htmx, roles in ((False, sorted(EVERYBODY)), (True, sample(endpoint))):
        found = {role: outcome(ask(stage, endpoint, role, htmx=htmx)) for role in roles}
        assert (htmx, found) == (htmx, {role: expected(endpoint, role) for role in roles})
