"""Trade associations: grades in force, mechanisms, and the numbers of their members' credit records."""

from __future__ import annotations

from hub.associations import showing
from hub.associations.overview import WRITES
from hub.web.console.codes import titled
from hub.web.console.computed import records
from hub.web.console.console import Answer, Console
from hub.web.console.pictures import picture
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.portal.chart_specs import Point, bars

GRADES = "association_grades"
MOST = 500  # rows of the table


def add_associations(console: Console) -> None:
    """Put the page and its pictures on the console."""

    @console.page("/associations", STAFF)
    def listing(_visit: Visit) -> Answer:
        rows = records(console, WRITES)
        return page(
            "associations.html",
            rows=rows.sort("level", "name").head(MOST).to_dicts(),
            totals=showing.totals(rows),
            grades=showing.by_grade(rows),
            mechanisms=showing.by_mechanisms(rows),
            titles=titled(GRADES, speech(console)),
        )

    @console.page("/associations/grades.svg", STAFF)
    def grades_picture(_visit: Visit) -> Answer:
        names = titled(GRADES, speech(console))
        counts = showing.by_grade(records(console, WRITES))
        return picture(
            bars([Point(one, names.get(one, one), n) for one, n in counts], narrow=False)
        )

    @console.page("/associations/mechanisms.svg", STAFF)
    def mechanisms_picture(_visit: Visit) -> Answer:
        text = speech(console).text
        counts = showing.by_mechanisms(records(console, WRITES))
        points = [Point(str(n), text("{number} of 6", number=n), count) for n, count in counts]
        return picture(bars(points, narrow=False))
