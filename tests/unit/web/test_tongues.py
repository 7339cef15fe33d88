"""Chinese on English pages says that it is Chinese; everything else stays as it was."""

import pytest

from policy_match.web.portal.tongues import marked


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<p>No Chinese at all</p>", "<p>No Chinese at all</p>"),
        ("<p>from 人社局, 3 July</p>", '<p>from <span lang="zh-CN">人社局</span>, 3 July</p>'),
        (
            "<p>One <b>two</b> 示例1有限公司。 end</p>",
            '<p>One <b>two</b> <span lang="zh-CN">示例1有限公司。</span> end</p>',
        ),
        ('<option value="a">参保人数</option>', '<option lang="zh-CN" value="a">参保人数</option>'),
        ('<textarea name="x">理由</textarea>', '<textarea lang="zh-CN" name="x">理由</textarea>'),
        ('<button lang="zh-CN">中文</button>', '<button lang="zh-CN">中文</button>'),
        ('<a title="标题" href="/x">on</a>', '<a title="标题" href="/x">on</a>'),
        ("<p>a &lt; 乙 &amp; b</p>", '<p>a &lt; <span lang="zh-CN">乙</span> &amp; b</p>'),
    ],
)
def test_chinese_text_is_marked_where_it_stands(page: str, wanted: str) -> None:
    assert marked(page) == wanted


def test_marking_takes_time_in_proportion_to_the_page() -> None:
    long = "<td>" + "示例a1" * 20_000 + "</td>" + "<td" + " a" * 20_000
    assert marked(long).count("<span") == 1


def test_signs_without_a_letter_take_time_in_proportion_too() -> None:
    long = f"<td>{'。' * 200_000}!{'“' * 200_000}乙</td>"
    assert marked(long).count("<span") == 1
