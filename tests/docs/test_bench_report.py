"""The page that the benchmarks leave."""

from tests.benchmarks.report_page import Benchmark, Chart, page


def test_the_page_has_all_that_was_said_and_needs_no_network() -> None:
    well = Benchmark("test_a", "passed", 1.2, 0.5, "\nratio <1 & 2\n", (Chart("lag", "<svg>drawn</svg>"),))
    badly = Benchmark("test_b", "failed", 65, 2.0, "assert 1 < 0")
    found = page({"commit": "abc<"}, [well, badly])
    for said in ("abc&lt;", "<pre>ratio &lt;1 &amp; 2</pre>", "<svg>drawn</svg><figcaption>lag</figcaption>"):
        assert said in found
    assert '<p class="small">passed, 1 s, load 0.5 at its end' in found
    assert '<p class="failed">failed, 65 s, load 2.0 at its end' in found
    assert found.index("test_a") < found.index("test_b")
    assert "http" not in found
