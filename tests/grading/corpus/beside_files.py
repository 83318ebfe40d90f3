"""Files that lie beside a notebook, and those that it writes."""

from __future__ import annotations

from tests.grading.corpus.entry import Entry, Hand, answer, one
from tests.support.cells import code_cell, notebook_of

SIDE = "def side(x):\n    return x + 1\n"

ENTRIES = (
    one(
        "csv",
        answer(
            "import csv\nwith open('prices.csv') as file:\n"
            "    prices = {row['name']: float(row['price']) for row in csv.DictReader(file)}",
            "prices",
        ),
        code_cell("assert prices == {'tea': 2.5, 'bread': 1.0}", "test_prices", 2),
        code_cell(
            "import numpy as np\nnp.loadtxt('prices.csv', delimiter=',', skiprows=1, usecols=1).sum()",
            "sum",
            4,
        ),
        students={"wrong": {"prices": "prices = open('no such file.csv').read()"}},
        files={"prices.csv": "name,price\ntea,2.5\nbread,1\n"},
    ),
    one(
        "folders",
        answer("from pathlib import Path\ntext = Path('data/deep er/note.txt').read_text()", "text"),
        code_cell(
            "assert text == 'deep'\nassert Path('two words.txt').read_text() == 'space'", "test_text", 1
        ),
        code_cell("assert Path('.settings').read_text() == 'dot'", "test_dot_file", 1),
        code_cell("assert Path('.hid/den.txt').exists()", "test_dot_folder", 1),
        code_cell("assert Path('داده.txt').read_text(encoding='utf-8') == 'سلام'", "test_persian", 1),
        students={
            "wrong": {"text": "from pathlib import Path\ntext = Path('data').read_text()"},
            "alone": Hand(alone=True),
        },
        assignment="folders",
        files={
            "data/deep er/note.txt": "deep",
            "two words.txt": "space",
            ".settings": "dot",
            ".hid/den.txt": "dot folder",
            "داده.txt": "سلام",
        },
    ),
    one(
        "writes-and-reads",
        answer(
            "import os\nos.makedirs('made', exist_ok=True)\nwith open('made/out.txt', 'w') as file:\n"
            "    file.write('line\\n' * 3)",
            "write",
        ),
        code_cell("lines = open('made/out.txt').readlines()\nassert len(lines) == 3", "test_lines", 1),
        code_cell("import json\njson.dump({'a': 1}, open('a.json', 'w'))"),
        code_cell("assert json.load(open('a.json')) == {'a': 1}", "test_json", 1),
        students={"wrong": {"write": "open('made.txt', 'w').close()"}},
    ),
    one(
        "module",
        code_cell("import side_module\nfrom side_package.inner import twice"),
        answer("value = side_module.side(twice(3))", "value"),
        code_cell("assert value == 7", "test_value", 1),
        code_cell("%run given_script.py\nassert from_script == 5", "test_run", 1),
        code_cell("assert side_module.__file__.endswith('side_module.py')", "test_file", 1),
        students={"wrong": {"value": "value = side_module.no_such_name"}},
        files={
            "side_module.py": SIDE,
            "side_package/__init__.py": "",
            "side_package/inner.py": "def twice(x):\n    return 2 * x\n",
            "given_script.py": "from_script = 5\n",
        },
    ),
    one(
        "module-changed",
        answer("from graded_module import limit", "limit"),
        code_cell("assert limit == 10", "test_limit", 2),
        students={
            "cheat": Hand({"limit": "limit = 9"}, files={"graded_module.py": "limit = 9\n"}),
            "tried": Hand(files={"graded_module.py": "limit = 9\n"}),
        },
        files={"graded_module.py": "limit = 10\n"},
    ),
    one(
        "own-files",
        answer("from mine import three\nnote = open('mine.txt').read()", "mine"),
        code_cell("assert three == 3 and note == 'own'", "test_mine", 2),
        students={
            "right": Hand(files={"mine.py": "three = 3\n", "mine.txt": "own"}),
            "without": {"mine": "from mine import three\nnote = open('mine.txt').read()"},
        },
        differences={
            ("without", "own-files", "test_mine"): "a module that is not there may be one that only the "
            "grading machine lacks: a person decides"
        },
    ),
    one(
        "listing",
        answer("import os\nnames = sorted(os.listdir('.'))", "names"),
        code_cell("assert names == ['a.txt', 'b', 'listing.ipynb']", "test_names", 1),
        code_cell("assert 'a.txt' in names and os.listdir('b') == ['c.txt']", "test_some", 1),
        code_cell("from glob import glob\nassert glob('*.txt') == ['a.txt']", "test_glob", 1),
        code_cell("assert len([n for n in names if not n.endswith('.ipynb')]) == 2", "test_count", 1),
        students={"wrong": {"names": "import os\nnames = os.listdir('/no such folder')"}},
        files={"a.txt": "a", "b/c.txt": "c"},
        assignment="listing",
        differences={
            ("wrong", "listing", cell): "a folder that is not there may be one that only the grading machine "
            "lacks: a person decides"
            for cell in ("test_names", "test_some", "test_count")
        },
    ),
    Entry(
        "two-notebooks",
        {
            "two-1-writes": notebook_of(
                answer("with open('between.txt', 'w') as file:\n    file.write('7')", "write"),
                code_cell("assert open('between.txt').read() == '7'", "test_write", 1),
            ),
            "two-2-reads": notebook_of(
                answer("value = int(open('between.txt').read())", "read"),
                code_cell("assert value == 7", "test_read", 1),
            ),
        },
    ),
    one(
        "image-file",
        answer(
            "import numpy as np\nimport matplotlib.pyplot as plt\nplt.imsave('dot.png', np.zeros((2, 3)))\n"
            "image = plt.imread('dot.png')",
            "image",
        ),
        code_cell("assert image.shape[:2] == (2, 3)", "test_image", 1),
        code_cell(
            "np.savez('z.npz', a=np.arange(3))\nassert np.load('z.npz')['a'].sum() == 3", "test_npz", 1
        ),
        students={"wrong": {"image": "import numpy as np\nimage = np.zeros(3)"}},
    ),
    one(
        "change-folder",
        answer("import os\nos.chdir('there')\nhere = open('here.txt').read()", "here"),
        code_cell("assert here == 'there'\nassert os.path.basename(os.getcwd()) == 'there'", "test_here", 1),
        code_cell("%cd ..\nassert os.path.isdir('there')", "test_back", 1),
        students={"wrong": {"here": "import os\nhere = ''"}},
        files={"there/here.txt": "there"},
    ),
)
