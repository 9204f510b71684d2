"""The logic of benchmarks/compare: rows and ratios, the agreement check, turns, text of cases."""
import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
import unittest.mock

sys.dont_write_bytecode = True
source, build = map(pathlib.Path, sys.argv[1:3])
sys.path.insert(0, str(source / "benchmarks/compare"))
scratch = tempfile.TemporaryDirectory()
os.environ["DLC_COMPARE_HOME"] = scratch.name

import agreement  # noqa: E402
import chart  # noqa: E402
import environment  # noqa: E402
import measure  # noqa: E402
import rows  # noqa: E402
import table  # noqa: E402
from cases.case import Case, Tensor  # noqa: E402

STICK = ctypes.CDLL(str(environment.build_stick(build)))
CASE = Case("product", "dense_forward",
            {"x": Tensor((4, 8)), "w": Tensor((8, 16), weight=True)}, {"y": Tensor((4, 16))},
            flops=2 * 4 * 8 * 16, attributes={"epilogue": ""})


def floats(*values):
    return (ctypes.c_float * len(values))(*values)


class RowTest(unittest.TestCase):
    def row(self, ours, **peers):
        seconds = {"ours": ours, **peers}
        return rows.measured_row("kernels", CASE, 1, seconds, (1e9, 1e9))

    def test_the_best_round_of_each_side_counts(self):
        row = self.row([3e-3, 1e-3, 2e-3], a=[4e-3, 2e-3, 9e-3], b=[5e-3, 6e-3, 7e-3])
        self.assertAlmostEqual(row.ours_ms, 1)
        self.assertEqual(row.best_peer, "a")
        self.assertAlmostEqual(row.ratio_to_best_peer, 2)
        self.assertAlmostEqual(row.noise, 1)

    def test_shares_are_of_the_limits(self):
        row = self.row([1e-6])
        self.assertAlmostEqual(row.share_of_peak, 1.024)
        self.assertAlmostEqual(row.share_of_bandwidth, 4 * (32 + 128 + 64) / 1000)
        self.assertEqual((row.status, row.best_peer, row.ratio_to_best_peer),
                         (rows.NO_PEER, None, None))

    def test_bytes_are_compared_where_they_are_given(self):
        row = rows.Row("memory", "net", 1, 5.0, {"a": 1.0}, ours_bytes=100, peers_bytes={"a": 150})
        self.assertAlmostEqual(row.ratio_to_best_peer, 1.5)

    def test_geometric_mean(self):
        self.assertAlmostEqual(rows.geometric_mean([0.5, 2, 8]), 2)
        self.assertIsNone(rows.geometric_mean([]))

    def test_json_keeps_what_it_is_given(self):
        path = pathlib.Path(scratch.name) / "rows.json"
        given = [self.row([1e-3], a=[2e-3]),
                 rows.Row("kernels", "hard", 1, status=rows.MISSING, reason="no such op")]
        rows.write_json(path, given, {"threads": 1})
        self.assertEqual(rows.read_json(path), given)
        record = json.loads(path.read_text())["rows"][0]
        for key in ("suite", "name", "threads", "ours_ms", "peers", "best_peer",
                    "ratio_to_best_peer", "flops", "share_of_peak", "bytes",
                    "share_of_bandwidth", "noise"):
            self.assertIn(key, record)

    def test_what_is_missing_is_shown(self):
        missing = rows.Row("kernels", "hard", 1, status=rows.MISSING, reason="no such op")
        slow, fast = self.row([4e-3], a=[2e-3]), self.row([1e-3], a=[3e-3])
        text = table.summary([fast, missing, slow])
        self.assertIn("2 rows compared, 1 below 1.0; geometric mean 1.22", text)
        self.assertIn("hard  no such op", text)
        self.assertIn("missing: no such op", table.line_of(missing, ["a"], 20))
        drawn = chart.draw([fast, missing, slow], "a < b")
        self.assertEqual((drawn.count("<rect"), drawn.count("#c8553d")), (3, 1))
        self.assertIn("a &lt; b", drawn)


class AgreementTest(unittest.TestCase):
    def check(self, ours, theirs, tolerance=1e-4):
        agreement.check(STICK, {"y": floats(*ours)}, {"y": floats(*theirs)}, "peer", tolerance)

    def test_rounding_agrees(self):
        self.check([1, 2, 3], [1, 2.00001, 3])
        self.check([0, 0], [0, 0])

    def test_one_wrong_element_is_found(self):
        with self.assertRaisesRegex(agreement.Disagreement, "y differs from peer's by 0.12"):
            self.check([1, 2, 3, 4], [1, 2, 3, 5])

    def test_a_wrong_small_element_among_large_ones_is_found(self):
        with self.assertRaises(agreement.Disagreement):
            self.check([1000, 1000, 1], [1000, 1000, 2])

    def test_a_nan_is_found(self):
        with self.assertRaises(agreement.Disagreement):
            self.check([1, float("nan")], [1, 2])
        with self.assertRaises(agreement.Disagreement):
            self.check([1, 2], [1, float("nan")])

    def test_sizes_and_names_must_be_the_same(self):
        with self.assertRaisesRegex(agreement.Disagreement, "2 elements, peer has 3"):
            self.check([1, 2], [1, 2, 3])
        with self.assertRaisesRegex(agreement.Disagreement, "an output z"):
            agreement.check(STICK, {"y": floats(1)}, {"z": floats(1)}, "peer", 1)
        with self.assertRaisesRegex(agreement.Disagreement, "no output"):
            agreement.check(STICK, {"y": floats(1)}, {}, "peer", 1)


class GradientTest(unittest.TestCase):
    def check(self, ours, theirs, exact=None):
        def given(gradients):
            return {k: floats(*v) for k, v in gradients.items()}
        agreement.check_gradients(STICK, given(ours), given(theirs), "peer", 0.01,
                                  exact and (lambda: given(exact)))

    def test_rounding_and_what_is_zero_agree(self):
        self.check({"w": [3, 4.001], "b": [1e-6, -1e-6]}, {"w": [3, 4], "b": [-2e-6, 0]})

    def test_a_wrong_gradient_is_found(self):
        with self.assertRaisesRegex(agreement.Disagreement, "gradient of b differs"):
            self.check({"w": [3, 4], "b": [0.2, 0]}, {"w": [3, 4], "b": [0.1, 0]})
        with self.assertRaises(agreement.Disagreement):
            self.check({"w": [3, float("nan")]}, {"w": [3, 4]})

    def test_f64_judges_where_two_differ(self):
        self.check({"w": [10, 0.1]}, {"w": [10, 0.5]}, {"w": [10, 0]})
        with self.assertRaisesRegex(agreement.Disagreement, "from f64 by 0.05, peer's by 0.01"):
            self.check({"w": [10, 0.5]}, {"w": [10, 0.1]}, {"w": [10, 0]})
        with self.assertRaises(agreement.Disagreement):  # both are useless
            self.check({"w": [3, 4]}, {"w": [-4, 3]}, {"w": [30, 40]})

    def test_a_missing_gradient_is_found(self):
        with self.assertRaisesRegex(agreement.Disagreement, "gradients of b are not on both"):
            self.check({"w": [3, 4]}, {"w": [3, 4], "b": [1]})


class RoundedGradientTest(unittest.TestCase):
    """Gradients in bf16: the peer's of w is .1 of its length from the one in f32."""

    def check(self, ours, bias=0.):
        def gradients(w, b):
            return {"w": floats(*w), "b": floats(b)}
        agreement.check_rounded_gradients(STICK, gradients(ours, bias), gradients([11, 0], 3.),
                                          gradients([10, 0], 1e-6), "peer", 0.05)

    def test_as_near_to_f32_as_the_peer(self):
        self.check([10, 1])
        self.check([10, 1.9])
        with self.assertRaisesRegex(agreement.Disagreement, "w differs from f32 by 0.25 of its "
                                                            "length, peer's by 0.1"):
            self.check([10, 2.5])

    def test_what_vanishes_in_f32_is_rounding(self):
        self.check([10, 0], bias=7.)

    def test_no_rounding_of_a_peer_excuses_a_missing_gradient(self):
        with self.assertRaisesRegex(agreement.Disagreement, "allowed is 0.7"):
            agreement.check_rounded_gradients(STICK, {"w": floats(0, 0)}, {"w": floats(9, 0)},
                                              {"w": floats(10, 10)}, "peer", 0.05)


class MeasureTest(unittest.TestCase):
    def test_sides_take_turns(self):
        order = []

        def side(name):
            def run(count):
                order.append(name)
                for _ in range(20000 * count):
                    pass
            return types.SimpleNamespace(run=run)
        effort = measure.Effort(1e-3, 3, 10, most_rounds=3)
        seconds = measure.in_turns({"ours": side("ours"), "peer": side("peer")}, effort, 1)
        self.assertEqual({name: len(times) for name, times in seconds.items()},
                         {"ours": 3, "peer": 3})
        turns = [name for before, name in zip([None, *order], order) if name != before]
        self.assertEqual(turns, ["ours", "peer"] * 4)  # once to calibrate, then three rounds

    def rounds_of(self, cost):
        """How many rounds it takes when the n-th call of one side lasts cost(n) seconds."""
        now, calls = [0.0], [0]

        def run(count):
            for _ in range(count):
                now[0] += cost(calls[0])
                calls[0] += 1
        effort = measure.Effort(1e-6, 3, 1e6, most_rounds=30)
        with unittest.mock.patch.object(measure, "clock_for", lambda _: lambda: now[0]):
            seconds = measure.in_turns({"ours": types.SimpleNamespace(run=run)}, effort, 1,
                                       {"copy": types.SimpleNamespace(run=lambda _: None)})
        self.assertEqual(len(seconds["copy"]), len(seconds["ours"]))
        return len(seconds["ours"])

    def test_equal_slices_need_no_more_rounds(self):
        self.assertEqual(self.rounds_of(lambda _: 1.0), 3)

    def test_rounds_go_on_until_the_best_slice_is_no_accident(self):
        self.assertEqual(self.rounds_of(lambda call: 2 + call if call < 10 or call % 4 else 1), 18)

    def test_rounds_end_where_nothing_settles(self):
        self.assertEqual(self.rounds_of(lambda call: 100 / (1 + call)), 30)


class PageTest(unittest.TestCase):
    def run_page(self, text, *options):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            about = {"suite": "kernels", "threads": 1, "quick": True, "peers": {"xla": "1.2"}}
            slow = rows.Row("kernels", "slow", 1, 2.0, {"xla": 1.0}, share_of_peak=0.5)
            fast = rows.Row("kernels", "fast", 1, 1.0, {"xla": 4.0})
            rows.write_json(folder / "run.json", [fast, slow], about)
            (folder / "page.md").write_text(text)
            script = source / "benchmarks/compare/page.py"
            done = subprocess.run([sys.executable, script, folder / "page.md", folder / "run.json",
                                   *options], capture_output=True, text=True)
            return done, (folder / "page.md").read_text()

    def test_a_table_takes_its_place(self):
        done, page = self.run_page("# A\n<!-- suite kernels 1 -->\nold\n<!-- end -->\nafter\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("old", page)
        self.assertTrue(page.startswith("# A\n") and page.endswith("<!-- end -->\nafter\n"))
        self.assertIn("2 rows, 1 below 1.0, geometric mean 1.41; --quick, peers: xla 1.2.", page)
        self.assertLess(page.index("| slow | 2 | xla | 1 | 0.50 | 50 |"), page.index("| fast |"))

    def table_of(self, suite, rows_of_suite):
        import page
        run = {"suite": suite, "quick": False, "peers": {"xla": "1.2"}}
        return list(page.lines_of(run, rows_of_suite))

    def test_a_suite_may_come_in_parts(self):
        import page
        first = {"suite": "kernels", "quick": False, "peers": {"xla": "1"}}
        second = {"suite": "kernels", "quick": False, "peers": {"pytorch": "2"}}
        a, b, again = (rows.Row("kernels", name, 1, ms, {"xla": 2.0})
                       for name, ms in (("a", 1.0), ("b", 1.0), ("a", 4.0)))
        run, table = page.merged(page.merged(None, first, [a]), second, [again, b])
        self.assertEqual([(row.name, row.ours_ms) for row in table], [("a", 4.0), ("b", 1.0)])
        self.assertEqual(run["peers"], {"xla": "1", "pytorch": "2"})
        mixed, _ = page.merged((first, [a]), {**second, "quick": True}, [b])
        self.assertIn("; partly --quick, peers", page.lines_of(mixed, [a]).__next__())

    def test_a_run_for_another_processor_has_a_place_of_its_own(self):
        import page
        match = page.PLACE.match("<!-- suite kernels 1 x86-64-v3 -->\nold\n<!-- end -->")
        self.assertEqual(match.group(2, 3, 4), ("kernels", "1", "x86-64-v3"))
        self.assertEqual(page.said(("kernels", "1", "x86-64-v3")),
                         "suite kernels with 1 threads for x86-64-v3")

    def test_compile_rows_show_goals_caches_and_memory(self):
        net = rows.Row("compile", "net training step", 1, 5000.0, {"xla": 9000.0, "pytorch": 21000.0},
                       extra={"goal_ms": 12000, "warm_ms": 432.1, "cpp_to_module_ms": 1500.0,
                              "peak_rss_bytes": 150 * 2 ** 20})
        chain = rows.Row("compile", "10 dense layers", 1, 1500.0, status=rows.NO_PEER,
                         extra={"warm_ms": 60.0})
        lines = self.table_of("compile", [chain, net])
        self.assertEqual(lines[1], "| row | ours, s | goal, s | xla, s | pytorch, s | ratio | "
                                   "warm cache, s | from C++ to module, s | peak MB |")
        self.assertEqual(lines[3], "| net training step | 5 | 12 | 9 | 21 | 1.80 | 0.432 | 1.5 | 150 |")
        self.assertEqual(lines[4], "| 10 dense layers | 1.5 |  |  |  |  | 0.06 |  |  |")

    def test_memory_rows_are_bytes(self):
        row = rows.Row("memory", "net batch 8 training planned", 1, 250.0, {"xla": 300.0},
                       ours_bytes=75 * 2 ** 20, peers_bytes={"xla": 100 * 2 ** 20})
        lines = self.table_of("memory", [row])
        self.assertIn("1 rows, 0 below 1.0, geometric mean 1.33; peers: xla 1.2.", lines[0])
        self.assertEqual(lines[1], "| row | ours, MB | xla, MB | best peer | ratio | "
                                   "ours of the best |")
        self.assertEqual(lines[3], "| net batch 8 training planned | 75 | 100 | xla | 1.33 | 0.75 |")

    def test_latency_rows_show_single_calls(self):
        row = rows.Row("latency", "net", 1, 0.001, {"xla": 0.004},
                       extra={"median_ns": 900, "p99_ns": 1100, "beyond_kernels_ns": 210})
        lines = self.table_of("latency", [row])
        self.assertTrue(lines[1].endswith("| median, ns | p99, ns | beyond kernels, ns |"), lines[1])
        self.assertEqual(lines[3], "| net | 0.001 | xla | 0.004 | 4.00 | 900 | 1100 | 210 |")

    def test_a_run_or_a_place_without_the_other_is_an_error(self):
        done, page = self.run_page("nothing\n")
        self.assertIn("no place for suite kernels with 1 threads", done.stderr)
        text = ("<!-- suite kernels 1 -->\n<!-- end -->\n"
                "<!-- suite memory 1 -->\nkept\n<!-- end -->\n")
        done, page = self.run_page(text)
        self.assertIn("place for suite memory with 1 threads; give the run, or --keep", done.stderr)
        self.assertEqual(page, text)
        done, page = self.run_page(text, "--keep")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("kept", page)


class TextTest(unittest.TestCase):
    def test_a_case_is_written_for_the_compiler(self):
        from ours.kernels import text_of
        text = text_of(CASE)
        self.assertIn('dlc.variable @"w" weight : tensor<8x16xf32>', text)
        self.assertIn("dlc.contract %x, %w reduce [1] x [0] : "
                      "(tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>", text)

    def test_every_case_can_be_written(self):
        from cases import attention, convolution, dense, streams
        from ours.kernels import text_of
        names = []
        for module in (dense, convolution, streams, attention):
            for case in module.cases():
                self.assertIn("dlc.return", text_of(case))
                names.append(case.name)
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(names), 150)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
