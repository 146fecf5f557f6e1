from __future__ import annotations

import pytest

from tests.ledger.test_proofs import judge


@pytest.mark.parametrize(
    "content", ["", "no json", "{}", '{"format": "other"}', "[]", '{"format": "zecheng-ledger-1"}']
)
def test_a_file_that_is_no_ledger_is_not_judged(tmp_path, content):
    path = tmp_path / "file"
    path.write_text(content)

    code, said = judge(path)

    assert code == 2
    assert said.startswith("CANNOT JUDGE")
