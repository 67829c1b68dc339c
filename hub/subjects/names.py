"""Names of enterprises as they are compared: one way of writing, the part that tells them apart, branches.

A name has a division, a trade name, a trade and a form, in this order or with the division in brackets
(企业名称登记管理规定, articles 6 and 9): 茂名市红荔食品有限公司, 红荔食品（茂名）有限公司.
"""

from __future__ import annotations

import polars as pl

#: Traditional characters that are usual in names, and the simplified ones (通用规范汉字表, annex 1).
_TRADITIONAL = dict(
    zip(
        "東廣國業農場電貿經營實發興華龍鳳鴻達財産產機車電腦術藝學鋼鐵銀飯館麵魚雞鳥馬門間開關運輸"
        "設計建築裝飾環護衛藥醫療養書圖紙張陳劉黃萬億寶貝買賣賓樓園鄉鎮縣區號無為義聯縱橫",
        "东广国业农场电贸经营实发兴华龙凤鸿达财产产机车电脑术艺学钢铁银饭馆面鱼鸡鸟马门间开关运输"
        "设计建筑装饰环护卫药医疗养书图纸张陈刘黄万亿宝贝买卖宾楼园乡镇县区号无为义联纵横",
        strict=True,
    )
)
_SEPARATORS = r"[\s\u{200b}()〔〕\[\]【】「」《》<>“”\"'·•・.,、，。\-—_]+"
_FORM = r"有限责任公司|有限公司|股份公司|责任公司"
_END = rf"(?:股份)?(?:{_FORM})$"
_PLACE = (
    r"^(?:.{1,6}?(?:省|自治区))?(?:.{1,3}?[^超城门]市)?(?:.{1,3}?[^社小景园校街]区|.{1,3}?县|.{1,2}?[^超城门]市)?"
    r"(?:.{1,3}?(?:镇|乡|街道))?"
)
_MUNICIPAL = "\ufffc政"  # so that the trade of 市政 isn't read as a division
#: What a branch is called at its end; it has no legal personality of its own (公司法 2023, article 13).
_BRANCH = (
    r"(?:分公司|支公司|分店|分厂|分社|分校|分院|分所|分部|分行|支行|营业部|营业所|营业厅|办事处|代表处|储蓄所|"
    r"门市部|门店|零售店|连锁店|加油.?站|电站|邮[政电]所|支局|分理处|公司.{1,12}(?:店|部|站|厂|场|厅|所|中心))$"
)
#: Divisions that names begin with without their suffix: provinces, and those of the prefecture.
_SHORT = (
    r"(?:中国|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|"
    r"四川|贵州|云南|陕西|甘肃|青海|宁夏|新疆|内蒙古|西藏|茂名|茂南|电白|高州|化州|信宜)"
)
LEAST = 2  # characters that a trade name has at least
PERSON = 4  # characters at most of what may be a person's name
#: Between the parts of a person's name of a minority or from abroad: 古丽娜尔·阿不都热合曼.
_DOTTED = r"\p{Han}\s*[·•・‧∙⋅.．]\s*\p{Han}"
_ENTERPRISE = (
    r"(?:公司|企业|集团|中心|合作社|工作室|超市|[店厂部行社所站馆院场坊铺屋吧])$"
    r"|(?i)\b(?:co|company|corp|corporation|inc|limited|llc|llp|ltd|plc|gmbh|pte|group|holdings)\b"
)


def plain(name: pl.Expr) -> pl.Expr:
    """One way of writing: half-width, simplified, capital letters, without brackets, blanks and signs, and
    with one word for a company of limited liability. Null and "" become null."""
    written = name.str.normalize("NFKC").str.replace_all(_SEPARATORS, "").str.to_uppercase()
    written = written.str.replace_many(list(_TRADITIONAL), list(_TRADITIONAL.values()))
    written = written.str.replace_all("有限责任公司", "有限公司", literal=True)
    return pl.when(written != "").then(written)


def core(written: pl.Expr) -> pl.Expr:
    """The trade name and trade of a `plain` name, without division in front and form behind; the whole
    name where nothing would be left."""
    short = written.str.replace(_END, "").str.replace_all("市政", _MUNICIPAL)
    inner = short.str.replace(_PLACE, "").str.replace(f"^{_SHORT}", "")
    inner = inner.str.replace_all(_MUNICIPAL, "市政")
    return pl.when(inner.str.len_chars() >= LEAST).then(inner).otherwise(written)


def is_whole(written: pl.Expr) -> pl.Expr:
    """Whether a `plain` name has a division and a form: such a name is one enterprise's in its registry
    (企业名称登记管理规定, article 17)."""
    place = written.str.contains(rf"^(?:.{{2,8}}?(?:省|市|县|区)|{_SHORT})")
    return (written.str.contains(_END) & place & (written.str.len_chars() >= 9)).fill_null(False)


def is_branch(written: pl.Expr) -> pl.Expr:
    """Whether a `plain` name is that of a branch, which isn't its parent."""
    return written.str.contains(_BRANCH).fill_null(False)


def is_like_a_person(name: pl.Expr) -> pl.Expr:
    """Whether a name, as it is written, may be a person's: it is short, or it has a dot between Chinese
    characters or Latin letters only, and no word for an enterprise. It says too little to be matched by."""
    written = plain(name)
    foreign = name.str.contains(_DOTTED) | written.str.contains(r"^\p{Latin}+$")
    enterprise = name.str.normalize("NFKC").str.contains(_ENTERPRISE)
    return ((written.str.len_chars() <= PERSON) | (foreign & ~enterprise)).fill_null(True)


def place(address: pl.Expr) -> pl.Expr:
    """An address as it is compared: without divisions in front, brackets and blanks; null where little is
    left."""
    inner = plain(address).str.replace(_PLACE, "")
    return pl.when(inner.str.len_chars() >= LEAST + 2).then(inner)


def county(code: pl.Expr) -> pl.Expr:
    """The first six digits of a division code: a county's, or what a city's own registry writes; null for a
    province's."""
    six = code.str.slice(0, 6)
    return pl.when(~six.str.ends_with("0000") & (six.str.len_chars() == 6)).then(six)
