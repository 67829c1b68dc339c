"""Who may open which door of the console: written down once more, by hand, beside what the rooms say themselves.

A line is an endpoint and who is let in: `anybody`, `signed-in`, `at-code`, `at-enrol`, an office, roles of any department, or
roles @ of the department that the object belongs to.
"""

from __future__ import annotations

ALL_ROLES = ("submitter", "reviewer", "approver", "handler")
TEXT = """
entering.sign_in            anybody
entering.try_password       anybody
entering.sign_out           signed-in
entering.code               at-code
entering.confirm_code       at-code
entering.enrol              at-enrol
entering.confirm_enrolment  at-enrol
entering.invited            anybody
entering.choose_password    anybody
oidc.enter                  anybody
oidc.returned               anybody
home.workbench              signed-in
own_account.show            signed-in
own_account.password        signed-in
own_account.end_others      signed-in
own_account.begin_codes     signed-in
own_account.codes           signed-in
own_account.confirm_codes   signed-in
queues.listing              submitter reviewer approver handler
record.show                 submitter reviewer approver handler @
decisions.check             reviewer @
decisions.reject            reviewer @
decisions.approve           approver @
decisions.give_back         approver @
decisions.schedule          approver @
decisions.unschedule        approver @
decisions.withdraw          approver @
bulk.begin                  reviewer approver
bulk.draw                   reviewer approver
bulk.show                   reviewer approver @
bulk.drawn                  reviewer approver @
bulk.note                   reviewer approver @
bulk.decide                 reviewer approver @
policies.listing            submitter reviewer approver handler
policies.new                reviewer
policies.propose            reviewer
policies.sign               approver @
policies.end                approver @
feeds.feeds                 submitter approver
feeds.feed                  submitter approver @
feeds.kept_preview          submitter @
feeds.fetch_preview         submitter @
feeds.run_now               submitter @
feeds.upload                submitter @
feed_jobs.job               submitter approver @
runs.run                    submitter approver @
held.held                   submitter approver
held.held_run               submitter approver @
held.release                approver @
held.discard                approver @
quarantine.feeds            submitter
quarantine.rows             submitter @
quarantine.export           submitter @
quarantine.correct          submitter @
quarantine.replay           submitter @
connect.connect             submitter
connect.hand_in             submitter
connect.choose              submitter
connect.begin               submitter
connect.draft               submitter
connect.preview             submitter
connect.columns             submitter
connect.text                submitter
connect.save                submitter
connect.discard             submitter
filings.queue               handler approver
filings.take                handler
filings.show                handler approver @
filings.evidence            handler approver @
filings.accept              handler @
filings.preview             handler approver @
filings.answer              handler approver @
repairs.confirm             handler @
repairs.decide              approver @
consents.listing            reviewer approver
consents.find               reviewer approver
consents.asking             reviewer @
consents.ask                reviewer @
consents.show               reviewer approver @
consents.answer             reviewer @
consents.decide             approver @
standards.catalogue         system submitter reviewer approver handler
standards.standard          system submitter reviewer approver handler
standards.template          system submitter reviewer approver handler
standards.changes           system submitter reviewer approver handler
standards.impact            system submitter reviewer approver handler
standards.ask_impact        submitter reviewer approver handler @
analyses.listing             submitter reviewer approver handler
analyses.compute             submitter reviewer approver handler
complaints.overview         approver handler
complaints.on_time          approver handler
complaints.overdue          approver handler
complaint_findings.hot_spots     approver handler
complaint_findings.hot_spot_map  approver handler
complaint_findings.groups        approver handler
complaint_tickets.listing   approver handler
complaint_tickets.show      approver handler @
complaint_tickets.split     approver handler @
complaint_tickets.categorise  approver handler @
credit.overview             submitter reviewer approver handler
credit.listed               submitter reviewer approver handler
credit.classes_picture      submitter reviewer approver handler
credit.divisions_picture    submitter reviewer approver handler
credit.subject              submitter reviewer approver handler
credit_warnings.listing     submitter reviewer approver handler
credit_warnings.watch       submitter reviewer approver handler
credit_warnings.end         submitter reviewer approver handler
credit_warnings.read        submitter reviewer approver handler
credit_versions.listing     submitter reviewer approver handler
credit_versions.show        submitter reviewer approver handler
credit_versions.changes     submitter reviewer approver handler
credit_versions.propose     reviewer approver @
credit_versions.what_if     reviewer approver @
credit_versions.activate    approver @
credit_versions.refuse      approver @
credit_appeals.listing      submitter reviewer approver handler
credit_appeals.show         submitter reviewer approver handler
credit_appeals.take         handler @
credit_appeals.decide       approver @
prices.overview              submitter reviewer approver handler
prices.overview_file         submitter reviewer approver handler
prices.item                  submitter reviewer approver handler
prices.points_file           submitter reviewer approver handler
prices.item_picture          submitter reviewer approver handler
prices.alert                 submitter reviewer approver handler
prices.alert_picture         submitter reviewer approver handler
prices.decide                approver
risks.listing                submitter reviewer approver handler @
risks.channels_picture       submitter reviewer approver handler @
risks.new                    submitter reviewer approver handler @
risks.enter                  submitter reviewer approver handler @
risks.signal                 submitter reviewer approver handler @
risks.begin                  reviewer @
risks.assess                 reviewer @
risks.record                 handler @
risks.close                  approver @
risks.dismiss                approver @
risks.reopen                 reviewer @
finance.listing              submitter reviewer approver handler
finance.lines_picture        submitter reviewer approver handler
documents.listing            submitter reviewer approver handler
documents.states_picture     submitter reviewer approver handler
associations.listing         submitter reviewer approver handler
associations.grades_picture  submitter reviewer approver handler
associations.mechanisms_picture submitter reviewer approver handler
computed_files.documents     submitter reviewer approver handler
computed_files.associations  submitter reviewer approver handler
computed_files.warnings      submitter reviewer approver handler
computed_files.assessments   submitter reviewer approver handler @
computed_files.finance       submitter reviewer approver handler
computed_files.hot_spots     handler approver
computed_files.groups        handler approver
computed_files.findings      submitter reviewer approver handler @
plan.listing                 submitter reviewer approver handler
plan.target                  submitter reviewer approver handler
plan.chart_picture           submitter reviewer approver handler
plan.csv_file                submitter reviewer approver handler
plan.xlsx_file               submitter reviewer approver handler
trace.search                submitter reviewer approver handler
trace.show                  submitter reviewer approver handler @
trace.drawn                 submitter reviewer approver handler @
trace.rows                  submitter reviewer approver handler @
trace.recall_list           submitter reviewer approver handler @
recalls.listing             submitter reviewer approver handler
recalls.show                submitter reviewer approver handler
recalls.new                 handler @
recalls.begin               handler @
recalls.step                handler @
unqualified.listing         submitter reviewer approver handler
unqualified.show            submitter reviewer approver handler @
subjects.listing            submitter reviewer approver handler
subjects.doubtful           submitter reviewer approver handler
subjects.decide             reviewer @
subjects.undo               reviewer @
subjects.show               submitter reviewer approver handler
subjects.line               submitter reviewer approver handler
subjects.kin                submitter reviewer approver handler
accounts_pages.listing      system
accounts_pages.make         system
accounts_pages.show         system
accounts_pages.invite       system
accounts_pages.close        system
status_page.status          system
status_page.retry           system
people_pages.matrix         security
people_pages.show           security
people_pages.grant          security
people_pages.revoke         security
people_pages.appoint        security
coming_in.listing           security
coming_in.attempts          security
coming_in.reset_codes       security
coming_in.forgive           security
coming_in.end_sessions      security
audit_log.listing           audit
audit_log.entry             audit
audit_log.exported          audit
audit_log.verify            audit
"""
WHO: dict[str, frozenset[str]] = {
    line.split()[0]: frozenset(line.split()[1:]) for line in TEXT.strip().splitlines()
}
#: Of every department whose object it isn't; "" where no department matters.
ROLES_OF_OTHERS = "other"


def lets_in(
    endpoint: str, stage: str, office: str | None, roles: frozenset[str], own: bool
) -> bool:
    """Whether somebody is let in; `own` says whether the roles are for the object's department."""
    who = WHO[endpoint]
    if "anybody" in who:
        return True
    if stage != "open":
        return f"at-{stage}" in who
    if "signed-in" in who or office in who:
        return True
    return bool(roles & who) and (own or "@" not in who)
