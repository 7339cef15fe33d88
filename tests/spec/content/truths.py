"""Three truths: and, or, not, and asking whether something is unknown."""

from tests.spec.model import Chapter, Table, Words, unknown

CHAPTER = Chapter(
    title=Words("三种真值：真、假、未知", "Three truths: true, false, unknown"),
    text=Words(
        "政府部门的数据常有缺失、过期或暂时查不到。这时一个条件既不能算“符合”，也不能算“不符合”，只能是“未知”。"
        "未知永远不会付款，系统会说出缺的是哪一项事实，补上之后再判。",
        "Data are often missing, stale or not answered in time. Then a condition is neither met nor failed: it is "
        "unknown. Unknown never pays; the system names the missing fact, and decides again once it is there.",
    ),
    parts=(
        Table(
            title=Words("并且：有一个假就是假", "and: one false is enough for false"),
            text=Words(
                "另一个条件未知时，只要已有一个为假，结论就是假：缺的那一项改变不了结果。",
                "With one side false the other cannot change the result, even when it is unknown.",
            ),
            columns=("a", "b"),
            expressions=("a and b",),
            lines=(
                ((True, True), (True,)),
                ((True, False), (False,)),
                ((False, False), (False,)),
                ((True, None), (unknown("b"),)),
                ((None, True), (unknown("a"),)),
                ((False, None), (False,)),
                ((None, False), (False,)),
                ((None, None), (unknown("a", "b"),)),
            ),
        ),
        Table(
            title=Words("或者：有一个真就是真", "or: one true is enough for true"),
            columns=("a", "b"),
            expressions=("a or b",),
            lines=(
                ((True, True), (True,)),
                ((True, False), (True,)),
                ((False, False), (False,)),
                ((True, None), (True,)),
                ((None, True), (True,)),
                ((False, None), (unknown("b"),)),
                ((None, False), (unknown("a"),)),
                ((None, None), (unknown("a", "b"),)),
            ),
        ),
        Table(
            title=Words("不是：未知的反面还是未知", "not: the opposite of unknown is unknown"),
            columns=("a",),
            expressions=("not a",),
            lines=(((True,), (False,)), ((False,), (True,)), ((None,), (unknown("a"),))),
        ),
        Table(
            title=Words("问一项事实是否未知", "Asking whether a fact is unknown"),
            text=Words(
                "只有这一种问法能“看见”未知，它的答案总是真或假。算不出来的式子（如除以零）也算未知。",
                "Only this question sees unknown, and its answer is always true or false. A sum that cannot be done, "
                "such as a division by zero, is unknown too.",
            ),
            columns=("x", "y"),
            expressions=("x == null", "x != null", "x / y == null"),
            lines=(
                ((6, 2), (False, True, False)),
                ((None, 2), (True, False, True)),
                ((6, 0), (False, True, True)),
                ((0, None), (False, True, True)),
            ),
        ),
        Table(
            title=Words("哪些缺失的事实会被列出", "Which missing facts are named"),
            text=Words(
                "只列出会影响结论的事实。左边已为假时，右边缺什么都不再列出；条件取值只看选中的那一支。",
                "Only facts that matter are named. When one side settles the matter, what the other side lacks is not "
                "named; a choice looks at the chosen branch alone.",
            ),
            columns=("a", "x", "y"),
            expressions=("a and x > 5", "a or x + y > 5", "(a ? x : y) > 5"),
            lines=(
                ((False, None, None), (False, unknown("x", "y"), unknown("y"))),
                ((True, None, None), (unknown("x"), True, unknown("x"))),
                ((None, None, 9), (unknown("a", "x"), unknown("a", "x"), unknown("a"))),
                ((None, 3, 9), (False, True, unknown("a"))),
            ),
        ),
    ),
)
