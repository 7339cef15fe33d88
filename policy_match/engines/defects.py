"""What can keep an engine from working that is not part of this package.

Guarantees one line in English and in Chinese that says what to install or to do next.
"""

from policy_match.errors import InputError, StorageError


class SparkNotInstalled(InputError):
    """The Spark engine was asked for and its library is not there."""

    code = "spark.not-installed"
    english = "--engine spark needs pyspark: pip install 'policy-match[spark]', and Java 17; or use --engine arrow"
    chinese = (
        "--engine spark 需要 pyspark：请运行 pip install 'policy-match[spark]' 并安装 Java 17；或改用 --engine arrow"
    )


class SparkNotStarted(InputError):
    """Spark's own process ended before it could be asked anything: mostly there is no Java, or an old one."""

    code = "spark.not-started"
    english = (
        "Spark did not start: {detail}; --engine spark needs Java 17 beside pip install 'policy-match[spark]', "
        "and a sound configuration of Spark; or use --engine arrow"
    )
    chinese = (
        "Spark 未能启动：{detail};--engine spark 除 pip install 'policy-match[spark]' 外还需要 Java 17,"
        "以及正确的 Spark 配置；或改用 --engine arrow"
    )


class SparkStopped(StorageError):
    """Spark gave a task up, or went away."""

    code = "spark.stopped"
    english = "Spark stopped: {detail}; nothing was written, run again or use --engine arrow"
    chinese = "Spark 已中止：{detail}；未写入任何内容，请重试或改用 --engine arrow"
