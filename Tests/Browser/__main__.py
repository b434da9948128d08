"""Runs all tests of this folder, or the named ones. A skipped test counts as failed."""

import sys
import unittest
from pathlib import Path

folder = Path(__file__).parent
sys.path.insert(0, str(folder))
names = sys.argv[1:]
loader = unittest.TestLoader()
tests = loader.loadTestsFromNames(names) if names else loader.discover(str(folder))
result = unittest.TextTestRunner(verbosity=2).run(tests)
sys.exit(0 if result.wasSuccessful() and result.testsRun and not result.skipped else 1)
