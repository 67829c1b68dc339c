"""Where people live, told from where they do business, which is public.

An address is a home's where a word says so (住址, 家住, 户籍 …), or where it ends in a dwelling
(栋, 单元, 室 …) and the words around it don't speak of a business. A text that is an address and
nothing else is a field of its own: its tier and mask say who may have it.
"""

from __future__ import annotations

import polars as pl

_LEAD = "在于到至为是址住从往向系"
_NUMBER = "[0-9A-Za-z一二三四五六七八九十百]"
# Finer than a county (which masks leave, too): 住址：高州市 tells nobody's home.
_FINE = "(?:街道办事处|街道|大道|镇|乡|路|街|巷|村|社区|小区|花园|花苑|新苑|苑|屯|组|里|号)"
_COARSE = "(?:特别行政区|自治区|自治州|自治县|省|市|县|区|旗)"
DWELLING = "(?:号楼|栋|幢|座|单元|室|房)"
_DWELLING = rf"{_NUMBER}{{1,6}}\s?{DWELLING}"
_REST = r"[\p{Han}0-9A-Za-z\-#()\s]"
_WORD = "(?:家庭住址|家庭地址|住址|家住|现住|暂住|常住|租住|户籍|户口|居住|住所|住在|住于)"

LOOK = rf"住|户籍|户口|家庭地址|{_NUMBER}\s?{DWELLING}"

# A word for a home, then an address up to its last sign of a place.
_TOLD = (
    rf"(?<before>{_WORD}(?:所在地|登记地|地址|地|所|址)?[{_LEAD}:()\s]{{0,8}}(?:住址)?[{_LEAD}:()\s]{{0,4}})"
    rf"(?<hit>[\p{{Han}}0-9A-Za-z][\p{{Han}}0-9A-Za-z\-#\s]{{0,50}}(?:{_DWELLING}|{_FINE}|{_NUMBER}{{1,6}}号))"
)
# Any address that ends in a dwelling, from the word before it or the sentence's beginning.
_DWELT = (
    rf"(?<before>^|[^\p{{Han}}0-9A-Za-z]|[{_LEAD}])(?<hit>[\p{{Han}}--[{_LEAD}]]{{1,9}}?"
    rf"(?:{_COARSE}|{_FINE}){_REST}{{0,50}}{_DWELLING})"
)
PATTERNS = (_TOLD, _DWELT)

_BUSINESS = (
    "公司|企业|商行|商店|商铺|店|铺|厂|超市|市场|经营|营业|注册|登记|仓库|酒店|酒楼|饭|餐|药房|医院|"
    "学校|诊所|合作社|档口|摊|办公|生产|单位|机构|地点|场所|局|委员会|中心|窗口|大厅"
)
_PERSON = "身份证|公民身份|家|男|女|先生|女士|本人|汉族|出生|寓所|父|母|妻|夫|举报人|投诉人|当事人|送货|收货"
_PREMISES = "工业园|产业园|市场|商场|广场|大厦|写字楼|商铺|门店|厂区|仓库|店铺"
_NOT_PLACES = "^(?:证|用地|权|环境|人口|面积|条件|情况)"
_HEAD = rf"^([\p{{Han}}]{{1,9}}?(?:{_COARSE}|{_FINE}))"
_SIGNAL = rf"(?s).*({_BUSINESS}|{_PERSON})"


def is_home(found: pl.DataFrame) -> pl.Series:
    """Of candidates (see `Recogniser`), which are homes (Boolean)."""
    before = found["before"].str.extract(r"([^。;\n]*)$")  # of the same sentence
    hit, after = found["hit"], found["after"]
    told = before.str.contains(rf"{_WORD}[^,。;]{{0,14}}$")
    registered = before.str.contains(r"住所[^,。;]{0,10}$")  # a company's seat is its 住所, too
    label = hit.str.extract(_HEAD).fill_null("")  # 经营场所高州市 … without a mark between
    nearest = (before + label).str.extract(_SIGNAL).fill_null("")
    business = nearest.str.contains(rf"^(?:{_BUSINESS})$") | after.str.contains(
        r"^\s?的?[\p{Han}]{0,6}(?:公司|店|铺|经营|厂|仓库|超市|办公)"
    )
    premises = hit.str.contains(_PREMISES) & ~nearest.str.contains(rf"^(?:{_PERSON})$")
    homes = (told & ~registered) | ~(business | premises | _alone(found))
    return homes & ~hit.str.contains(_NOT_PLACES)


def _alone(found: pl.DataFrame) -> pl.Series:
    """Nothing around it but what addresses end in, or further addresses."""
    tail = r"^(?:\([^)]*\)|[0-9A-Za-z\-#\s/.~、;之自编号铺一二三四五六七八九十层楼栋单元室房及和]|[、;\n][^,。:]*)*$"
    return found["first"] & found["after"].str.contains(tail)
