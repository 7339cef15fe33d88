"""Why a duty, an order to act or its answer is refused; each reason has its own class, code and message.

Guarantees one line in Chinese and in English that says what to do next. Nothing was changed.
"""

from policy_match.errors import InputError


class SupervisionRefused(InputError):
    """Not possible as things stand."""

    code = "supervision"
    http_status = 409


class NotALevel(InputError):
    """A duty has one of three levels."""

    code = "duty.level"
    english = "{level} is not a level of duty: use 1 (who runs the work), 2 (the head) or 3 (the leader above)"
    chinese = "{level} 不是督办层级：请用 1（经办负责人）、2（部门负责人）或 3（分管领导）"


class NotAUnit(InputError):
    """The name of a department is empty or too long."""

    code = "duty.unit"
    english = "name the department as its policies do, in at most 100 characters"
    chinese = "请写明部门名称（与政策中的写法一致，不超过 100 个字符）"


class OwnDuty(SupervisionRefused):
    """A person would give himself a duty."""

    code = "duty.own"
    english = "{person} may not give the same person the duty of {unit} at level {level}; somebody else must"
    chinese = "{person} 不得为本人授予 {unit} 第 {level} 级督办职责，须由他人授予"


class NobodyOnDuty(SupervisionRefused):
    """An order would reach nobody who could answer it."""

    code = "order-to-act.nobody"
    english = (
        "nobody but the issuer answers for {unit}, so nobody could answer the order; "
        "name somebody with `policy-match supervision duty grant`"
    )
    chinese = "{unit} 除签发人外没有督办责任人，无人可以答复；请先用 policy-match supervision duty grant 指定"


class OrderSaysNothing(InputError):
    """An order must say what it is about, why, and until when."""

    code = "order-to-act.incomplete"
    english = "the order to act is not usable: {detail}"
    chinese = "督办单不可用：{detail_zh}"


class NoSuchOrder(InputError):
    """There is no order to act of that number."""

    code = "order-to-act.unknown"
    http_status = 404
    english = "there is no order to act {order_id}; see `policy-match supervision order list`"
    chinese = "没有督办单 {order_id}；请见 policy-match supervision order list"


class WrongOrderStep(SupervisionRefused):
    """The order stands elsewhere."""

    code = "order-to-act.step"
    english = "order to act {order_id} is {status}: {step} is not possible; possible: {possible}"
    chinese = "督办单 {order_id} 当前为 {status}，不能 {step}；可以：{possible}"


class OwnOrder(SupervisionRefused):
    """Who issued an order does not answer it."""

    code = "order-to-act.own"
    english = "{person} issued order to act {order_id} and may not answer it; somebody of {unit} must"
    chinese = "{person} 签发了督办单 {order_id}，不得自行答复，须由 {unit} 的人员答复"


class NotOfTheUnit(SupervisionRefused):
    """Only the department's own people answer."""

    code = "order-to-act.not-of-the-unit"
    english = "{person} does not answer for {unit}; see `policy-match supervision duty list`"
    chinese = "{person} 不是 {unit} 的督办责任人；请见 policy-match supervision duty list"


class NotTheIssuer(SupervisionRefused):
    """Only who issued an order accepts its answer or sends it back."""

    code = "order-to-act.not-the-issuer"
    english = "order to act {order_id} was issued by {issuer}, who alone may {step} it, not {person}"
    chinese = "督办单 {order_id} 由 {issuer} 签发，只有签发人可以 {step}，{person} 不可以"
